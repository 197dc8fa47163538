// Tests how web.config_file is loaded: good files, faults with their places, and warnings.
#include "daemon/config/web_security.h"

#include <gmock/gmock.h>

#include <fstream>

#include "daemon/config/config_file.h"
#include "tests/daemon/config/config_fakes.h"
#include "tests/exporters/certificates.h"

namespace vitalsd::conf {
namespace {

using testing::ElementsAre;

struct Loaded {
  std::shared_ptr<const WebSecurity> security;
  std::vector<std::string> faults;
};

class WebFileTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    certificates_ = std::make_unique<tls::Certificates>();
    certificates_->make("a");
    certificates_->make("b");
  }
  static void TearDownTestSuite() { certificates_.reset(); }
  /// Loads `text`; the faults are without the directory in front.
  Loaded load(const std::string& text) {
    const std::string path = certificates_->path("web.yml");
    std::ofstream(path) << text;
    Faults faults;
    Loaded loaded{load_web_security(path, {Origin::Layer::flag, "--web.config.file"}, read_config_file, faults), {}};
    for (std::string line : described(faults.sorted())) {
      for (auto at = line.find(certificates_->path("")); at != line.npos; at = line.find(certificates_->path(""))) {
        line.erase(at, certificates_->path("").size());
      }
      loaded.faults.push_back(std::move(line));
    }
    EXPECT_EQ(loaded.security == nullptr, !loaded.faults.empty());
    return loaded;
  }
  std::vector<std::string> faults(const std::string& text) { return load(text).faults; }
  std::vector<std::string> tls_faults(const std::string& more) {
    return faults("tls_server_config: {cert_file: a.crt, key_file: a.key, " + more + "}");
  }
  static std::unique_ptr<tls::Certificates> certificates_;
};
std::unique_ptr<tls::Certificates> WebFileTest::certificates_;

TEST_F(WebFileTest, AnEmptyOneChangesNothing) {
  for (const char* text : {"", "{}", "tls_server_config:\nbasic_auth_users:\n", "tls_server_config: {}", "# none\n"}) {
    const Loaded loaded = load(text);
    ASSERT_TRUE(loaded.security) << text;
    EXPECT_FALSE(loaded.security->tls);
    EXPECT_TRUE(loaded.security->users.empty() && loaded.security->fields.empty());
  }
}

TEST_F(WebFileTest, WhatItSaysIsTaken) {
  const Loaded loaded = load(
      "tls_server_config: {cert_file: a.crt, key_file: a.key}\n"
      "basic_auth_users: {alice: $2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u}\n"
      "http_server_config: {http2: false, headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff, "
      "X-XSS-Protection: '', Content-Security-Policy: \"default-src 'none'\"}}\n"
      "rate_limit: {interval: 500ms, burst: 7}\n");
  ASSERT_THAT(loaded.faults, ElementsAre());
  const WebSecurity& web = *loaded.security;
  EXPECT_TRUE(web.tls);
  EXPECT_THAT(web.users, ElementsAre(std::pair<const std::string, std::string>(
                             "alice", "$2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u")));
  EXPECT_EQ(web.fields, "X-Frame-Options: deny\r\nContent-Security-Policy: default-src 'none'\r\n");
  EXPECT_EQ(web.rate_interval, std::chrono::milliseconds(500));
  EXPECT_EQ(web.rate_burst, 7U);
  ASSERT_EQ(web.files.size(), 3U);
  for (const FileStamp& file : web.files) EXPECT_EQ(stamp_of(file.path), file);
  EXPECT_EQ(web.files[1].path, certificates_->path("a.crt"));
}

TEST_F(WebFileTest, CertificatesMayStandInIt) {
  const auto indented = [](std::string text) {
    for (auto at = text.find('\n'); at + 1 < text.size(); at = text.find('\n', at + 1)) text.insert(at + 1, "    ");
    return "|\n    " + text;
  };
  const std::string text = "tls_server_config:\n  cert: " + indented(certificates_->text("a.crt")) +
                           "  key: " + indented(certificates_->text("a.key"));
  EXPECT_THAT(faults(text), ElementsAre());
  EXPECT_THAT(faults(text + "  cert_file: a.crt\n").size(), 1U);
}

TEST_F(WebFileTest, AFileChangesWhenItIsWrittenOrReplaced) {
  const std::string path = certificates_->path("stamp");
  EXPECT_EQ(stamp_of(path), FileStamp{path});
  std::ofstream(path) << "one";
  const FileStamp first = stamp_of(path);
  EXPECT_NE(first, FileStamp{path});
  std::ofstream(path, std::ios::app) << "two";
  EXPECT_NE(stamp_of(path), first);
}

// Every file that the toolkit accepts is accepted here too; settings that are hardly meant cause a warning.
TEST_F(WebFileTest, WhatTheToolkitTakesIsTaken) {
  const auto warning = [this](const std::string& text) {
    const Loaded loaded = load(text);
    EXPECT_THAT(loaded.faults, ElementsAre()) << text;
    if (!loaded.security || loaded.security->warnings.empty()) return std::string();
    return loaded.security->warnings.front().substr(certificates_->path("").size());
  };
  const std::string tls = "tls_server_config: {cert_file: a.crt, key_file: a.key, ";
  EXPECT_EQ(warning(tls + "client_auth_type: VerifyClientCertIfGiven}"), "");
  EXPECT_EQ(warning(tls + "client_auth_type: RequireAndVerifyClientCert}"), "");
  EXPECT_EQ(warning("http_server_config: {http2: true}"), "");
  EXPECT_THAT(warning(tls + "client_auth_type: RequestClientCert, client_allowed_sans: [a]}"),
              testing::StartsWith("web.yml:1:115: clients without a certificate are accepted"));
  EXPECT_EQ(warning("rate_limit: {interval: 1s}"), "web.yml:1:24: a burst of 0 lets no request through");
  EXPECT_EQ(warning("rate_limit: {interval: 1s, burst: 0}"), "web.yml:1:35: a burst of 0 lets no request through");
  EXPECT_EQ(warning("rate_limit: {interval: 1s, burst: -1}"), "web.yml:1:35: a burst of 0 lets no request through");
  const std::string salted = "$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u}";
  EXPECT_EQ(warning("basic_auth_users: {alice: $2y$13" + salted), "");
  for (const char* cost : {"14", "17", "31"}) {
    EXPECT_THAT(warning("basic_auth_users: {alice: $2y$" + std::string(cost) + salted),
                testing::StartsWith("web.yml:1:27: user 'alice': the hash has a cost of " + std::string(cost)));
  }
}

TEST_F(WebFileTest, Faults) {
  EXPECT_THAT(faults("tls_server: {}"), ElementsAre("web.yml:1:1: unknown key 'tls_server'"));
  EXPECT_THAT(faults("basic_auth_user: {}"),
              ElementsAre("web.yml:1:1: unknown key 'basic_auth_user', did you mean 'basic_auth_users'?"));
  EXPECT_THAT(faults("basic_auth_users: [a]"), ElementsAre("web.yml:1:19: expected keys with values"));
  EXPECT_THAT(faults("basic_auth_users: {a: [b]}").size(), 2U);
  EXPECT_THAT(faults("basic_auth_users: {'a:b': x}"),
              ElementsAre("web.yml:1:20: the name of a user cannot hold a colon"));
  EXPECT_THAT(faults("http_server_config: {http2: maybe}"),
              ElementsAre("web.yml:1:29: expected true or false, got 'maybe'"));
  EXPECT_THAT(faults("http_server_config: {headers: {Server: x}}"),
              ElementsAre("web.yml:1:32: HTTP header 'Server' cannot be set"));
  EXPECT_THAT(faults("http_server_config: {headers: {X-Frame-Options: all}}"),
              ElementsAre("web.yml:1:49: must be deny or sameorigin, got 'all'"));
  EXPECT_THAT(faults("http_server_config: {headers: {X-XSS-Protection: \"1\\r\\nA: b\"}}"),
              ElementsAre("web.yml:1:50: a field holds plain ASCII on one line"));
  EXPECT_THAT(faults("rate_limit: {interval: often}"),
              ElementsAre("web.yml:1:24: must be a duration such as 1s, got 'often'"));
  EXPECT_THAT(faults("rate_limit: {interval: 1s, burst: few}"),
              ElementsAre("web.yml:1:35: burst must be a whole number, got 'few'"));
  EXPECT_THAT(faults("rate_limit: {interval: 0s}"), ElementsAre());
  EXPECT_THAT(faults("a: {"), ElementsAre(testing::StartsWith("web.yml:1:1: not valid YAML")));
}

TEST_F(WebFileTest, FaultsOfTls) {
  EXPECT_THAT(faults("tls_server_config: {cert_file: a.crt}"), ElementsAre("web.yml:1:1: TLS needs key_file (or key)"));
  EXPECT_THAT(faults("tls_server_config: {client_auth_type: NoClientCert}").size(), 2U);
  EXPECT_THAT(tls_faults("client_auth_type: Required"),
              ElementsAre(testing::HasSubstr("must be one of NoClientCert, RequestClientCert")));
  EXPECT_THAT(
      tls_faults("client_ca_file: b.crt"),
      ElementsAre("web.yml:1:72: the authority has no effect without client_auth_type: RequireAndVerifyClientCert"));
  EXPECT_THAT(tls_faults("client_auth_type: RequireClientCert, client_allowed_sans: [a]"), ElementsAre());
  EXPECT_THAT(tls_faults("min_version: TLS13, max_version: TLS12"),
              ElementsAre("web.yml:1:69: min_version is above max_version"));
  EXPECT_THAT(tls_faults("min_version: TLS10"), ElementsAre());
  EXPECT_THAT(tls_faults("min_version: SSL3"),
              ElementsAre("web.yml:1:69: must be one of TLS10, TLS11, TLS12, TLS13; got 'SSL3'"));
  EXPECT_THAT(tls_faults("curve_preferences: [P-256]"), ElementsAre(testing::HasSubstr("CurveP256")));
  EXPECT_THAT(tls_faults("cipher_suites: x"), ElementsAre("web.yml:1:71: expected a list"));
  EXPECT_THAT(tls_faults("cipher_suites: [x]"), ElementsAre("web.yml:1:72: unknown cipher suite 'x'"));
  for (const char* suite :
       {"TLS_RSA_WITH_NULL_SHA256", "TLS_ECDHE_RSA_WITH_NULL_SHA", "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
        "TLS_DH_anon_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", ""}) {
    EXPECT_THAT(tls_faults("cipher_suites: ['" + std::string(suite) + "']"),
                ElementsAre(testing::StartsWith("web.yml:1:72: unknown cipher suite")))
        << suite;
  }
  EXPECT_THAT(faults("tls_server_config: {cert_file: b.crt, key_file: a.key}"),
              ElementsAre(testing::StartsWith("web.yml:1:49: the key does not belong to the certificate")));
  EXPECT_THAT(faults("tls_server_config: {cert_file: none, key_file: a.key}"),
              ElementsAre("web.yml:1:32: cannot open 'none': No such file or directory"));
}

}  // namespace
}  // namespace vitalsd::conf
