// The state that all TLS connections of one configuration share: certificate, key, and which clients are accepted.
//   auto context = Context::server(options); if (!context) say(context.error().message);
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace vitalsd::tls {

/// Go's tls.ClientAuthType, whose names the exporter toolkit uses.
enum class ClientAuth : std::uint8_t { none, request, require_any, verify_if_given, require_and_verify };

constexpr bool needs_certificate(ClientAuth policy) {
  return policy == ClientAuth::require_any || policy == ClientAuth::require_and_verify;
}
/// Whether a certificate that the client shows is checked against the authorities.
constexpr bool verifies_certificate(ClientAuth policy) {
  return policy == ClientAuth::verify_if_given || policy == ClientAuth::require_and_verify;
}

enum class Version : std::uint8_t { tls10, tls11, tls12, tls13 };

struct ServerOptions {
  std::string certificate;  ///< PEM: the server's, then its chain
  std::string key;          ///< PEM, without a passphrase
  std::string client_ca;    ///< PEM, any number of authorities; empty: the system's
  ClientAuth client_auth = ClientAuth::none;
  std::vector<std::string> client_allowed_sans;  ///< matched exactly; empty: any
  std::vector<std::string> cipher_suites;        ///< IANA's names; empty: OpenSSL's default
  std::vector<std::string> curves;               ///< OpenSSL's names: "P-256", "X25519"
  bool prefer_server_ciphers = true;
  Version least = Version::tls12, most = Version::tls13;
};

/// The option that is at fault.
enum class Part : std::uint8_t { library, certificate, key, client_ca, cipher_suites, curves };
struct ContextFault {
  Part part;
  std::string message;
};

class Context {
 public:
  static std::expected<std::shared_ptr<const Context>, ContextFault> server(const ServerOptions& options);
  /// Trusts the system's certificate authorities or, if `verifies` is false, any server.
  static std::expected<std::shared_ptr<const Context>, std::string> client(bool verifies);
  /// Trusts these authorities alone (PEM).
  static std::expected<std::shared_ptr<const Context>, std::string> client_of(const std::string& authorities);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  ssl_ctx_st* get() const noexcept { return context_; }
  /// When the first certificate of the chain to expire expires.
  std::chrono::sys_seconds not_after() const noexcept { return not_after_; }

 private:
  friend class ServerBuilder;
  Context() = default;
  static std::expected<std::shared_ptr<Context>, std::string> bare_client(bool verifies);
  ssl_ctx_st* context_ = nullptr;
  std::chrono::sys_seconds not_after_ = std::chrono::sys_seconds::max();
  std::vector<std::string> allowed_sans_;
  bool verifies_ = false;  ///< checks client certificates against the authorities
};

}  // namespace vitalsd::tls
