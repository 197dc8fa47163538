#include "exporters/tls/context.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

#include "exporters/tls/alternative_names.h"
#include "exporters/tls/openssl.h"

namespace vitalsd::tls {
namespace {

constexpr std::array kVersions = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
constexpr unsigned char kHttp1[] = "\x08http/1.1";
constexpr unsigned char kSessionContext[] = "vitalsd";

// Gives no passphrase. By default OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int size, void*) {
  const std::string_view list(reinterpret_cast<const char*>(offered), size);
  const std::string_view wanted(reinterpret_cast<const char*>(kHttp1), sizeof kHttp1 - 1);
  for (std::size_t at = 0; at < list.size(); at += 1 + static_cast<unsigned char>(list[at])) {
    if (list.substr(at, wanted.size()) != wanted) continue;
    *out = offered + at + 1;
    *out_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) all.append(all.empty() ? "" : ":").append(part);
  return all;
}

}  // namespace

class ServerBuilder {
 public:
  explicit ServerBuilder(const ServerOptions& options) : options_(options) {}

  std::expected<std::shared_ptr<const Context>, ContextFault> run() {
    const auto library = openssl();
    if (!library) return std::unexpected(ContextFault{Part::library, library.error()});
    ssl_ = *library;
    ssl_->ERR_clear_error();
    made_.reset(new Context);
    made_->context_ = ssl_->SSL_CTX_new(ssl_->TLS_server_method());
    if (made_->context_ == nullptr) return std::unexpected(ContextFault{Part::library, ssl_->take_error()});
    // The order matters: later steps use what earlier ones have set.
    constexpr std::array kSteps = {&ServerBuilder::general,      &ServerBuilder::ciphers, &ServerBuilder::curves,
                                   &ServerBuilder::certificates, &ServerBuilder::key,     &ServerBuilder::clients};
    for (const auto step : kSteps) {
      if (!(this->*step)()) return std::unexpected(fault_);
    }
    return made_;
  }

 private:
  SSL_CTX* context() const { return made_->context_; }
  long control(int command, long number, void* pointer = nullptr) const {
    return ssl_->SSL_CTX_ctrl(context(), command, number, pointer);
  }
  bool fail(Part part, std::string message) {
    fault_ = {part, std::move(message)};
    return false;
  }

  bool general() {
    std::uint64_t flags = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION;
    if (options_.prefer_server_ciphers) flags |= SSL_OP_CIPHER_SERVER_PREFERENCE;
    ssl_->SSL_CTX_set_options(context(), flags);
    control(SSL_CTRL_MODE,
            SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    control(SSL_CTRL_SET_MIN_PROTO_VERSION, kVersions[static_cast<std::size_t>(options_.least)]);
    control(SSL_CTRL_SET_MAX_PROTO_VERSION, kVersions[static_cast<std::size_t>(options_.most)]);
    // Sessions are resumed by tickets, which take no memory here; the cache would keep 20,480 sessions of any clients.
    control(SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF);
    ssl_->SSL_CTX_set_session_id_context(context(), kSessionContext, sizeof kSessionContext - 1);
    ssl_->SSL_CTX_set_alpn_select_cb(context(), choose_protocol, nullptr);
    return true;
  }

  // The names are IANA's, as in Go. OpenSSL has a separate list for the suites of TLS 1.3.
  bool ciphers() {
    std::vector<std::string> older, newer;
    for (const auto& name : options_.cipher_suites) {
      const char* ours = ssl_->OPENSSL_cipher_name(name.c_str());
      if (std::string_view(ours) == "(NONE)") return fail(Part::cipher_suites, "unknown cipher suite " + name);
      const bool is_newer = std::string_view(ours).starts_with("TLS_");
      (is_newer ? newer : older).emplace_back(ours);
    }
    if (!newer.empty() && ssl_->SSL_CTX_set_ciphersuites(context(), joined(newer).c_str()) != 1) {
      return fail(Part::cipher_suites, ssl_->take_error());
    }
    std::string list = older.empty() ? "DEFAULT" : joined(older);
    if (options_.least < Version::tls12) list += ":@SECLEVEL=0";  // else OpenSSL refuses TLS 1.0 and 1.1
    if (ssl_->SSL_CTX_set_cipher_list(context(), list.c_str()) == 1) return true;
    return fail(Part::cipher_suites, ssl_->take_error());
  }

  bool curves() {
    if (options_.curves.empty()) return true;
    std::string list = joined(options_.curves);
    if (control(SSL_CTRL_SET_GROUPS_LIST, 0, list.data()) == 1) return true;
    return fail(Part::curves, ssl_->take_error());
  }

  // Calls `use` with each certificate of the text. False when `use` refuses one or there is none.
  template <class Use>
  bool each_certificate(const std::string& pem, Part part, Use use) {
    BIO* source = ssl_->BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    std::size_t count = 0;
    bool good = true;
    while (good) {
      X509* one = ssl_->PEM_read_bio_X509(source, nullptr, no_passphrase, nullptr);
      if (one == nullptr) break;
      good = use(one, count++);
      ssl_->X509_free(one);
    }
    ssl_->BIO_free(source);
    // At the end of the text OpenSSL reports that it found no start line.
    const bool ended = ERR_GET_REASON(ssl_->ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!good || (count > 0 && !ended)) return fail(part, "a certificate cannot be used: " + ssl_->take_error());
    ssl_->ERR_clear_error();
    return count > 0 || fail(part, "no certificate in it (-----BEGIN CERTIFICATE-----)");
  }

  bool certificates() {
    return each_certificate(options_.certificate, Part::certificate, [this](X509* one, std::size_t index) {
      std::tm parts{};
      if (ssl_->ASN1_TIME_to_tm(ssl_->X509_get0_notAfter(one), &parts) == 1) {
        made_->not_after_ =
            std::min(made_->not_after_, std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts))));
      }
      return index == 0 ? ssl_->SSL_CTX_use_certificate(context(), one) == 1
                        : control(SSL_CTRL_CHAIN_CERT, 1, one) == 1;
    });
  }

  bool key() {
    BIO* source = ssl_->BIO_new_mem_buf(options_.key.data(), static_cast<int>(options_.key.size()));
    EVP_PKEY* key = ssl_->PEM_read_bio_PrivateKey(source, nullptr, no_passphrase, nullptr);
    ssl_->BIO_free(source);
    if (key == nullptr) {
      const bool locked = options_.key.find("ENCRYPTED") != std::string::npos;
      const std::string reason = ssl_->take_error();
      return fail(Part::key,
                  locked ? "the key has a passphrase; give it without one" : "no private key in it: " + reason);
    }
    const bool used = ssl_->SSL_CTX_use_PrivateKey(context(), key) == 1;
    ssl_->EVP_PKEY_free(key);
    if (used && ssl_->SSL_CTX_check_private_key(context()) == 1) return true;
    return fail(Part::key, "the key does not belong to the certificate: " + ssl_->take_error());
  }

  bool clients() {
    made_->allowed_sans_ = options_.client_allowed_sans;
    made_->verifies_ = verifies_certificate(options_.client_auth);
    if (options_.client_auth == ClientAuth::none) return true;
    const bool needed = needs_certificate(options_.client_auth);
    ssl_->SSL_CTX_set_verify(context(), SSL_VERIFY_PEER | (needed ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    ssl_->SSL_CTX_set_cert_verify_callback(context(), judge, made_.get());
    // No session is resumed, because the client's certificate would not be judged again.
    ssl_->SSL_CTX_set_options(context(), SSL_OP_NO_TICKET);
    ssl_->SSL_CTX_set_num_tickets(context(), 0);
    if (options_.client_ca.empty()) {  // the system's authorities, as in Go
      return !made_->verifies_ || ssl_->SSL_CTX_set_default_verify_paths(context()) == 1 ||
             fail(Part::client_ca, ssl_->take_error());
    }
    X509_STORE* store = ssl_->SSL_CTX_get_cert_store(context());
    return each_certificate(options_.client_ca, Part::client_ca, [this, store](X509* one, std::size_t) {
      return ssl_->X509_STORE_add_cert(store, one) == 1 && ssl_->SSL_CTX_add_client_CA(context(), one) == 1;
    });
  }

  // Judges a client's certificate, in place of OpenSSL's own check; called once per handshake.
  static int judge(X509_STORE_CTX* presented, void* argument) {
    const auto& self = *static_cast<const Context*>(argument);
    const OpenSsl& ssl = **openssl();
    if (self.verifies_ && ssl.X509_verify_cert(presented) != 1) return 0;
    if (self.allowed_sans_.empty()) return 1;
    const auto names = alternative_names(ssl, ssl.X509_STORE_CTX_get0_cert(presented));
    if (std::ranges::find_first_of(names, self.allowed_sans_) != names.end()) return 1;
    ssl.X509_STORE_CTX_set_error(presented, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }

  const ServerOptions& options_;
  const OpenSsl* ssl_ = nullptr;
  std::shared_ptr<Context> made_;
  ContextFault fault_{};
};

std::expected<std::shared_ptr<const Context>, ContextFault> Context::server(const ServerOptions& options) {
  return ServerBuilder(options).run();
}

std::expected<std::shared_ptr<Context>, std::string> Context::bare_client(bool verifies) {
  const auto library = openssl();
  if (!library) return std::unexpected(library.error());
  const OpenSsl& ssl = **library;
  ssl.ERR_clear_error();
  std::shared_ptr<Context> made(new Context);
  made->context_ = ssl.SSL_CTX_new(ssl.TLS_client_method());
  if (made->context_ == nullptr) return std::unexpected(ssl.take_error());
  ssl.SSL_CTX_set_verify(made->context_, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  ssl.SSL_CTX_ctrl(made->context_, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
  ssl.SSL_CTX_ctrl(made->context_, SSL_CTRL_MODE, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER,
                   nullptr);
  return made;
}

std::expected<std::shared_ptr<const Context>, std::string> Context::client(bool verifies) {
  auto made = bare_client(verifies);
  if (!made) return std::unexpected(made.error());
  const OpenSsl& ssl = **openssl();
  if (ssl.SSL_CTX_set_default_verify_paths((*made)->context_) != 1) return std::unexpected(ssl.take_error());
  return *std::move(made);
}

std::expected<std::shared_ptr<const Context>, std::string> Context::client_of(const std::string& authorities) {
  auto made = bare_client(true);
  if (!made) return std::unexpected(made.error());
  const OpenSsl& ssl = **openssl();
  X509_STORE* store = ssl.SSL_CTX_get_cert_store((*made)->context_);
  BIO* source = ssl.BIO_new_mem_buf(authorities.data(), static_cast<int>(authorities.size()));
  std::size_t count = 0;
  while (X509* one = ssl.PEM_read_bio_X509(source, nullptr, no_passphrase, nullptr)) {
    count += ssl.X509_STORE_add_cert(store, one) == 1 ? 1 : 0;
    ssl.X509_free(one);
  }
  ssl.BIO_free(source);
  ssl.ERR_clear_error();
  if (count == 0) return std::unexpected("no certificate in it (-----BEGIN CERTIFICATE-----)");
  return *std::move(made);
}

Context::~Context() {
  if (context_ != nullptr) (*openssl())->SSL_CTX_free(context_);
}

}  // namespace vitalsd::tls
