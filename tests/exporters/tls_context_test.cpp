// Tests which options a TLS context accepts, and which option is at fault when it refuses.
#include <gmock/gmock.h>

#include "exporters/tls/alternative_names.h"
#include "exporters/tls/context.h"
#include "tests/exporters/certificates.h"

namespace vitalsd::tls {
namespace {

class TlsContext : public testing::Test {
 protected:
  void SetUp() override {
    certificates_.make("a");
    certificates_.make("b", 3);
    certificates_.lock("a", "locked");
    options_.certificate = certificates_.text("a.crt");
    options_.key = certificates_.text("a.key");
  }
  void expect_fault(Part part, std::string_view message) {
    const auto context = Context::server(options_);
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().part, part) << context.error().message;
    EXPECT_THAT(context.error().message, testing::HasSubstr(std::string(message)));
  }
  Certificates certificates_;
  ServerOptions options_;
};

TEST_F(TlsContext, KnowsWhenTheFirstCertificateOfTheChainExpires) {
  using namespace std::chrono;
  const auto now = floor<seconds>(system_clock::now());
  const auto alone = Context::server(options_);
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_NEAR(static_cast<double>(((*alone)->not_after() - now).count()), 10 * 86400, 600);
  options_.certificate += certificates_.text("b.crt");
  const auto chain = Context::server(options_);
  ASSERT_TRUE(chain) << chain.error().message;
  EXPECT_NEAR(static_cast<double>(((*chain)->not_after() - now).count()), 3 * 86400, 600);
}

TEST_F(TlsContext, CertificateFaults) {
  options_.certificate = "";
  expect_fault(Part::certificate, "no certificate in it");
  options_.certificate = certificates_.text("a.key");
  expect_fault(Part::certificate, "no certificate in it");
  options_.certificate = certificates_.text("a.crt");
  options_.certificate.replace(100, 20, "!!!!!!!!!!!!!!!!!!!!");
  expect_fault(Part::certificate, "");
  // A torn chain is refused, not served in part.
  options_.certificate = certificates_.text("a.crt") + certificates_.text("b.crt").substr(0, 200);
  expect_fault(Part::certificate, "a certificate cannot be used");
}

TEST_F(TlsContext, KeyFaults) {
  options_.key = "";
  expect_fault(Part::key, "no private key in it");
  options_.key = certificates_.text("b.key");
  expect_fault(Part::key, "the key does not belong to the certificate");
  options_.key = certificates_.text("locked.key");
  expect_fault(Part::key, "the key has a passphrase");
}

TEST_F(TlsContext, NamesOfCiphersAndCurves) {
  options_.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"};
  options_.curves = {"P-256", "X25519"};
  EXPECT_TRUE(Context::server(options_));
  options_.cipher_suites.emplace_back("ECDHE-ECDSA-AES128-GCM-SHA256");  // OpenSSL's name, not IANA's
  expect_fault(Part::cipher_suites, "unknown cipher suite ECDHE-ECDSA-AES128-GCM-SHA256");
  options_.cipher_suites.clear();
  options_.curves = {"none"};
  expect_fault(Part::curves, "");
}

TEST_F(TlsContext, AuthoritiesOfClients) {
  options_.client_auth = ClientAuth::require_and_verify;
  options_.client_ca = certificates_.text("a.crt") + certificates_.text("b.crt");
  EXPECT_TRUE(Context::server(options_));
  options_.client_ca = "none";
  expect_fault(Part::client_ca, "no certificate in it");
}

TEST_F(TlsContext, AlternativeNamesOfEachKind) {
  const OpenSsl& ssl = **openssl();
  const std::string pem = certificates_.text("a.crt");
  BIO* source = ssl.BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = ssl.PEM_read_bio_X509(source, nullptr, nullptr, nullptr);
  EXPECT_THAT(alternative_names(ssl, certificate),
              testing::ElementsAre("localhost", "127.0.0.1", "spiffe://x/y", "a@b"));
  ssl.X509_free(certificate);
  ssl.BIO_free(source);
}

}  // namespace
}  // namespace vitalsd::tls
