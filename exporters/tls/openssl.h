// OpenSSL as a table of functions, loaded when TLS is first used. Linked in, it would cost every daemon 1.8 MB, and
// most serve plain HTTP.
//   const auto ssl = openssl(); if (!ssl) say(ssl.error()); (*ssl)->SSL_new(context)
#pragma once

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <expected>
#include <string>

namespace vitalsd::tls {

// clang-format off
#define VITALSD_SSL_FUNCTIONS(X)                                                                                     \
  X(TLS_server_method) X(TLS_client_method) X(SSL_CTX_new) X(SSL_CTX_free) X(SSL_CTX_ctrl) X(SSL_CTX_set_options)    \
  X(SSL_CTX_use_certificate) X(SSL_CTX_use_PrivateKey) X(SSL_CTX_check_private_key) X(SSL_CTX_set_cipher_list)       \
  X(SSL_CTX_set_ciphersuites) X(SSL_CTX_set_verify) X(SSL_CTX_get_cert_store) X(SSL_CTX_add_client_CA)               \
  X(SSL_CTX_set_cert_verify_callback) X(SSL_CTX_set_alpn_select_cb) X(SSL_CTX_set_session_id_context)                \
  X(SSL_CTX_set_num_tickets) X(SSL_CTX_set_default_verify_paths) X(SSL_new) X(SSL_free) X(SSL_set_fd)                \
  X(SSL_set_accept_state) X(SSL_set_connect_state) X(SSL_read_ex) X(SSL_write_ex) X(SSL_get_error) X(SSL_shutdown)   \
  X(SSL_pending) X(SSL_is_init_finished) X(SSL_set1_host) X(SSL_ctrl) X(SSL_get_verify_result)                       \
  X(OPENSSL_cipher_name) X(SSL_do_handshake) X(SSL_get_version) X(SSL_get_peer_cert_chain)

#define VITALSD_CRYPTO_FUNCTIONS(X)                                                                                  \
  X(BIO_new_mem_buf) X(BIO_free) X(PEM_read_bio_X509) X(PEM_read_bio_PrivateKey) X(X509_free) X(EVP_PKEY_free)       \
  X(X509_STORE_add_cert) X(X509_STORE_CTX_get0_cert) X(X509_STORE_CTX_set_error) X(X509_verify_cert)                 \
  X(X509_verify_cert_error_string) X(X509_get0_notAfter) X(ASN1_TIME_to_tm) X(X509_get_ext_d2i)                      \
  X(GENERAL_NAMES_free) X(OPENSSL_sk_num) X(OPENSSL_sk_value) X(ASN1_STRING_get0_data) X(ASN1_STRING_length)         \
  X(ERR_clear_error) X(ERR_peek_error) X(ERR_peek_last_error) X(ERR_reason_error_string)
// clang-format on

struct OpenSsl {
#define VITALSD_MEMBER(name) decltype(&::name) name = nullptr;  // NOLINT(bugprone-macro-parentheses)
  VITALSD_SSL_FUNCTIONS(VITALSD_MEMBER)
  VITALSD_CRYPTO_FUNCTIONS(VITALSD_MEMBER)
#undef VITALSD_MEMBER

  /// Returns the last error in OpenSSL's words and empties the queue of errors.
  std::string take_error() const;
};

/// The loaded library, or one line that says why it cannot be loaded and what to do. Loads it once; thread-safe.
std::expected<const OpenSsl*, std::string> openssl();

}  // namespace vitalsd::tls
