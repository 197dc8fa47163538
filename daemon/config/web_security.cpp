#include "daemon/config/web_security.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>

#include "core/quantity.h"
#include "daemon/config/bcrypt.h"
#include "daemon/config/suggest.h"
#include "daemon/config/web_file.h"

namespace vitalsd {
namespace conf {
namespace {

using tls::ClientAuth, tls::Part, tls::Version;

template <class Value>
struct Word {
  std::string_view name;
  Value value;
};
constexpr std::array kClientAuth = {
    Word{"NoClientCert", ClientAuth::none},
    Word{"RequestClientCert", ClientAuth::request},
    Word{"RequireAnyClientCert", ClientAuth::require_any},
    Word{"RequireClientCert", ClientAuth::require_any},  // an older name
    Word{"VerifyClientCertIfGiven", ClientAuth::verify_if_given},
    Word{"RequireAndVerifyClientCert", ClientAuth::require_and_verify},
};
constexpr std::array kVersions = {Word{"TLS10", Version::tls10}, Word{"TLS11", Version::tls11},
                                  Word{"TLS12", Version::tls12}, Word{"TLS13", Version::tls13}};
// The suites that Go's tls.CipherSuites() has had, which the toolkit takes: none is anonymous or without encryption.
constexpr std::array<std::string_view, 17> kSuites = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
};
constexpr std::int64_t kMostBurst = 1'000'000'000;
constexpr std::string_view kNoBurst = "a burst of 0 lets no request through";
// Go's names of curves to OpenSSL's.
constexpr std::array kCurves = {Word{"CurveP256", "P-256"}, Word{"CurveP384", "P-384"}, Word{"CurveP521", "P-521"},
                                Word{"X25519", "X25519"}};

// A PEM text that the file holds itself or names a file for.
struct Source {
  const char* name;
  WebText WebFile::Tls::* here;
  WebText WebFile::Tls::* elsewhere;
  std::string tls::ServerOptions::* into;
  Part part;
};
constexpr std::array kSources = {
    Source{"cert", &WebFile::Tls::cert, &WebFile::Tls::cert_file, &tls::ServerOptions::certificate, Part::certificate},
    Source{"key", &WebFile::Tls::key, &WebFile::Tls::key_file, &tls::ServerOptions::key, Part::key},
    Source{"client_ca", &WebFile::Tls::client_ca, &WebFile::Tls::client_ca_file, &tls::ServerOptions::client_ca,
           Part::client_ca},
};

class Loading {
 public:
  Loading(const std::string& path, const ReadFile& read_file, Faults& faults)
      : path_(path), read_file_(read_file), faults_(faults), faults_before_(faults.count()) {}

  std::shared_ptr<const WebSecurity> run(const Origin& named) {
    const auto text = read(path_, named);
    if (!text) return nullptr;
    file_ = parse_web_file(path_, *text, faults_);
    if (is_good() && file_.tls.is_enabled()) make_tls();
    for (const auto& [name, hash] : file_.users) {
      made_->users.emplace(name.text, hash.text);
      if (bcrypt::is_slow(hash.text)) {
        warn(hash, "user " + conf::quoted(name.text) + ": the hash has a cost of " +
                       std::to_string(bcrypt::cost_of(hash.text)) +
                       ": the first check takes longer than a scrape waits; 10 is usual");
      }
    }
    for (const auto& [name, value] : file_.headers) {
      // Every response has this field already.
      if (name.text != "X-Content-Type-Options")
        made_->fields.append(name.text).append(": ").append(value.text) += "\r\n";
    }
    rate();
    return is_good() ? made_ : nullptr;
  }

 private:
  std::optional<std::string> read(const std::string& path, const Origin& origin) {
    made_->files.push_back(stamp_of(path));
    auto text = read_file_(path);
    if (text) return *std::move(text);
    faults_.add(origin, text.error());
    return std::nullopt;
  }
  bool is_good() const { return faults_.count() == faults_before_; }
  void warn(const WebText& at, std::string_view message) {
    made_->warnings.push_back(describe({origin_in(path_, at).where(), std::string(message)}));
  }
  void add(const WebText& at, std::string message) { faults_.add(origin_in(path_, at), std::move(message)); }

  // A relative path starts at the directory of the web configuration, as in the toolkit.
  std::string beside(const std::string& path) const {
    return (std::filesystem::path(path_).parent_path() / path).string();
  }

  template <class Value, std::size_t N>
  Value word(const WebText& given, const std::array<Word<Value>, N>& known, Value otherwise) {
    if (given.text.empty()) return otherwise;
    const auto found = std::ranges::find(known, given.text, &Word<Value>::name);
    if (found != known.end()) return found->value;
    std::vector<std::string_view> names;
    std::string list;
    for (const auto& one : known) {
      names.push_back(one.name);
      list.append(list.empty() ? "" : ", ").append(one.name);
    }
    add(given, "must be one of " + list + "; got " + conf::quoted(given.text) + suggestion(given.text, names));
    return otherwise;
  }

  void make_tls() {
    const WebFile::Tls& given = file_.tls;
    tls::ServerOptions options;
    for (const Source& source : kSources) fetch(source, options);
    options.client_auth = word(given.client_auth_type, kClientAuth, ClientAuth::none);
    options.least = word(given.min_version, kVersions, Version::tls12);
    options.most = word(given.max_version, kVersions, Version::tls13);
    options.prefer_server_ciphers = given.prefer_server_cipher_suites.text != "false";
    for (const auto& suite : given.cipher_suites) {
      options.cipher_suites.push_back(suite.text);
      if (std::ranges::find(kSuites, suite.text) != kSuites.end()) continue;
      add(suite, "unknown cipher suite " + conf::quoted(suite.text) +
                     suggestion(suite.text, {kSuites.begin(), kSuites.end()}));
    }
    for (const auto& curve : given.curve_preferences) options.curves.emplace_back(word(curve, kCurves, ""));
    for (const auto& name : given.client_allowed_sans) options.client_allowed_sans.push_back(name.text);
    check(options);
    if (!is_good()) return;
    auto context = tls::Context::server(options);
    if (context) {
      made_->tls = *std::move(context);
    } else {
      add(culprit(context.error().part), context.error().message);
    }
  }

  void fetch(const Source& source, tls::ServerOptions& options) {
    const WebText& here = file_.tls.*source.here;
    const WebText& elsewhere = file_.tls.*source.elsewhere;
    const std::string name(source.name);
    if (!here.text.empty() && !elsewhere.text.empty()) {
      add(here, name + " and " + name + "_file are both given; keep one");
    } else if (!here.text.empty()) {
      options.*source.into = here.text;
    } else if (!elsewhere.text.empty()) {
      options.*source.into = read(beside(elsewhere.text), origin_in(path_, elsewhere)).value_or("");
    } else if (source.part != Part::client_ca) {
      add(file_.tls.section, "TLS needs " + name + "_file (or " + name + ")");
    }
  }

  void check(const tls::ServerOptions& options) {
    const WebFile::Tls& given = file_.tls;
    if (options.least > options.most) add(given.min_version, "min_version is above max_version");
    if (options.client_auth == ClientAuth::none && !options.client_ca.empty()) {
      add(culprit(Part::client_ca), "the authority has no effect without client_auth_type: RequireAndVerifyClientCert");
    }
    if (!options.client_allowed_sans.empty() && !tls::needs_certificate(options.client_auth)) {
      warn(given.client_allowed_sans.front(),
           "clients without a certificate are accepted all the same: client_allowed_sans needs client_auth_type: "
           "RequireAndVerifyClientCert");
    }
  }

  const WebText& culprit(Part part) const {
    if (part == Part::cipher_suites) return file_.tls.cipher_suites.front();
    if (part == Part::curves) return file_.tls.curve_preferences.front();
    const auto source = std::ranges::find(kSources, part, &Source::part);
    if (source == kSources.end()) return file_.tls.section;
    const WebText& elsewhere = file_.tls.*source->elsewhere;
    return elsewhere.is_given() ? elsewhere : file_.tls.*source->here;
  }

  void rate() {
    if (file_.rate_interval.text.empty()) return;
    const auto interval = parse_duration(file_.rate_interval.text);
    if (!interval)
      return add(file_.rate_interval, "must be a duration such as 1s, got " + conf::quoted(file_.rate_interval.text));
    made_->rate_interval = *interval;
    if (interval->count() == 0) return;
    const std::string& burst = file_.rate_burst.text;
    if (burst.empty()) return warn(file_.rate_interval, kNoBurst);
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(burst.data(), burst.data() + burst.size(), count);
    const bool whole = error == std::errc() && end == burst.data() + burst.size();
    made_->rate_burst = static_cast<unsigned>(std::clamp<std::int64_t>(count, 0, kMostBurst));
    if (!whole) return add(file_.rate_burst, "burst must be a whole number, got " + conf::quoted(burst));
    if (made_->rate_burst == 0) warn(file_.rate_burst, kNoBurst);
  }

  const std::string& path_;
  const ReadFile& read_file_;
  Faults& faults_;
  WebFile file_;
  std::shared_ptr<WebSecurity> made_ = std::make_shared<WebSecurity>();
  std::size_t faults_before_;
};

}  // namespace

std::shared_ptr<const WebSecurity> load_web_security(const std::string& path, const Origin& named,
                                                     const ReadFile& read_file, Faults& faults) {
  return Loading(path, read_file, faults).run(named);
}

}  // namespace conf

FileStamp stamp_of(const std::string& path) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  struct stat info{};
  FileStamp stamp{path};
  if (::stat(path.c_str(), &info) != 0) return stamp;
  stamp.device = info.st_dev;
  stamp.inode = info.st_ino;
  stamp.size = static_cast<std::uint64_t>(info.st_size);
  stamp.modified = info.st_mtim.tv_sec * kSecond + info.st_mtim.tv_nsec;
  stamp.changed = info.st_ctim.tv_sec * kSecond + info.st_ctim.tv_nsec;
  return stamp;
}

}  // namespace vitalsd
