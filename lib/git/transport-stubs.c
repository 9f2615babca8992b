/*
 * Stands in for the network libraries of a static libgit2.
 *
 * A distribution's libgit2.a refers to mbed TLS, libssh2, GSSAPI and http-parser. git-agent never uses
 * libgit2's transports: fetching and pushing is done by git itself. Linked with the real libraries,
 * git_libgit2_init() reads all certificates of the system, some milliseconds that every hook would
 * wait for. So the names are defined here, and every function fails:
 *
 *  - what git_libgit2_init() calls gives 0, or it would fail part-way and later calls crash
 *    (libssh2_init, mbedtls_ssl_config_defaults, mbedtls_ctr_drbg_seed);
 *  - all else gives -1. SHA-256 is only asked for by objects whose ids are SHA-256, which never reach
 *    libgit2.
 *
 * The list is what `nm` calls undefined in libgit2.a and no other archive defines:
 *     nm libgit2.a | awk '$1 == "U" {print $2}' | sort -u | grep -E '^(mbedtls|libssh2|gss|http)_'
 * When a new version of libgit2 needs another name, configuring falls back to the shared library and
 * says so (deps/meson.build tries a program).
 */

#define FAILS(name) \
  int name(void);   \
  int name(void) { return -1; }
#define SUCCEEDS(name) \
  int name(void);      \
  int name(void) { return 0; }

#include <stddef.h>

/* http-parser (HTTP transport) */
#ifdef GA_STUB_HTTP_PARSER
FAILS(http_errno_description)
FAILS(http_parser_execute)
FAILS(http_parser_init)
FAILS(http_parser_parse_url)
FAILS(http_parser_pause)
FAILS(http_should_keep_alive)
#endif

/* GSSAPI (Negotiate authentication) */
extern void* GSS_C_NT_HOSTBASED_SERVICE;
void* GSS_C_NT_HOSTBASED_SERVICE;
FAILS(gss_delete_sec_context)
FAILS(gss_display_status)
FAILS(gss_import_name)
FAILS(gss_indicate_mechs)
FAILS(gss_init_sec_context)
FAILS(gss_release_buffer)
FAILS(gss_release_name)
FAILS(gss_release_oid_set)

/* libssh2 (SSH transport) */
FAILS(libssh2_agent_connect)
FAILS(libssh2_agent_disconnect)
FAILS(libssh2_agent_free)
FAILS(libssh2_agent_get_identity)
FAILS(libssh2_agent_init)
FAILS(libssh2_agent_list_identities)
FAILS(libssh2_agent_userauth)
FAILS(libssh2_channel_close)
FAILS(libssh2_channel_free)
FAILS(libssh2_channel_open_ex)
FAILS(libssh2_channel_process_startup)
FAILS(libssh2_channel_read_ex)
FAILS(libssh2_channel_set_blocking)
FAILS(libssh2_channel_write_ex)
FAILS(libssh2_exit)
FAILS(libssh2_hostkey_hash)
SUCCEEDS(libssh2_init)
FAILS(libssh2_knownhost_checkp)
FAILS(libssh2_knownhost_free)
FAILS(libssh2_knownhost_init)
FAILS(libssh2_knownhost_readfile)
FAILS(libssh2_session_abstract)
FAILS(libssh2_session_disconnect_ex)
FAILS(libssh2_session_free)
FAILS(libssh2_session_handshake)
FAILS(libssh2_session_hostkey)
FAILS(libssh2_session_init_ex)
FAILS(libssh2_session_last_error)
FAILS(libssh2_session_method_pref)
FAILS(libssh2_session_set_blocking)
FAILS(libssh2_userauth_authenticated)
FAILS(libssh2_userauth_keyboard_interactive_ex)
FAILS(libssh2_userauth_list)
FAILS(libssh2_userauth_password_ex)
FAILS(libssh2_userauth_publickey)
FAILS(libssh2_userauth_publickey_fromfile_ex)
FAILS(libssh2_userauth_publickey_frommemory)

/* mbed TLS (TLS streams, SHA-256 object ids) */
FAILS(mbedtls_ctr_drbg_free)
FAILS(mbedtls_ctr_drbg_init)
FAILS(mbedtls_ctr_drbg_random)
SUCCEEDS(mbedtls_ctr_drbg_seed)
FAILS(mbedtls_entropy_free)
FAILS(mbedtls_entropy_func)
FAILS(mbedtls_entropy_init)
FAILS(mbedtls_sha256_finish)
FAILS(mbedtls_sha256_free)
FAILS(mbedtls_sha256_init)
FAILS(mbedtls_sha256_starts)
FAILS(mbedtls_sha256_update)
FAILS(mbedtls_ssl_close_notify)
FAILS(mbedtls_ssl_conf_authmode)
FAILS(mbedtls_ssl_conf_ca_chain)
FAILS(mbedtls_ssl_conf_ciphersuites)
FAILS(mbedtls_ssl_conf_min_version)
FAILS(mbedtls_ssl_conf_rng)
SUCCEEDS(mbedtls_ssl_config_defaults)
FAILS(mbedtls_ssl_config_free)
FAILS(mbedtls_ssl_config_init)
FAILS(mbedtls_ssl_free)
FAILS(mbedtls_ssl_get_ciphersuite_id)
FAILS(mbedtls_ssl_get_peer_cert)
FAILS(mbedtls_ssl_get_verify_result)
FAILS(mbedtls_ssl_handshake)
FAILS(mbedtls_ssl_init)
FAILS(mbedtls_ssl_read)
FAILS(mbedtls_ssl_set_bio)
FAILS(mbedtls_ssl_set_hostname)
FAILS(mbedtls_ssl_setup)
FAILS(mbedtls_ssl_write)
FAILS(mbedtls_x509_crt_free)
FAILS(mbedtls_x509_crt_init)
FAILS(mbedtls_x509_crt_parse_file)
FAILS(mbedtls_x509_crt_parse_path)
FAILS(mbedtls_x509_crt_verify_info)

/* libgit2 reads what is written here. */
void mbedtls_strerror(int error, char* text, size_t size);
void mbedtls_strerror(int error, char* text, size_t size) {
  (void)error;
  if (size > 0) *text = '\0';
}
