/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts by HTTP POST, one JSON object a request.
 *
 * Requests go out one after another over a connection that is kept: the receiver sees the alerts in their
 * order, and a slow answer holds up this output only, for its timeout at most. curl's multi interface drives
 * the single transfer because its waits can be short, so that closing is noticed. Nothing but a 2xx is
 * success; redirects are not followed, since an alert goes where the configuration says and nowhere else. The
 * proxies of the environment (https_proxy, no_proxy and so on) are used, as curl does.
 *
 * Headers are those of Standard Webhooks: webhook-id is the alert's, so that a receiver can tell a
 * repetition, webhook-timestamp is the time of sending, and webhook-signature is there when a secret is.
 */
#include "alerts/output.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/sign.h"
#include "alerts/wait.h"
#include "base/cleanup.h"
#include "base/timefmt.h"

#define CONNECT_MS 5000L
#define DEFAULT_TIMEOUT_NS (10 * NS_PER_S)
#define MAX_TIMEOUT_NS (600 * NS_PER_S)
#define MAX_ANSWER 65536		/* of its headers, and of its body */
#define MAX_SECRET_FILE 4096
#define MAX_CA_FILE (4 << 20)
/* The message begins with the alert's id. */
#define ID_LEN (sizeof(((struct alert *)NULL)->id) - 1)

struct webhook_output {
	struct str url, ca_file, secret_file;
	int64_t timeout;
	int64_t (*now)(void);
	struct sign_key key;
	CURLM *multi;
	CURL *easy;
	size_t answer_bytes, header_bytes;
	char curl_error[CURL_ERROR_SIZE];
};

static const struct setting webhook_settings[] = {
	{ "url", SETTING_TEXT, offsetof(struct webhook_output, url), true, NULL,
	  "where alerts are posted to, https:// or http://" },
	{ "timeout", SETTING_DURATION, offsetof(struct webhook_output, timeout), false, NULL,
	  "how long one request may take in all (default 10s)" },
	{ "ca_file", SETTING_PATH, offsetof(struct webhook_output, ca_file), false, NULL,
	  "certificates (PEM) that the receiver's must come from, instead of the system's" },
	{ "secret_file", SETTING_PATH, offsetof(struct webhook_output, secret_file), false, NULL,
	  "a file with the secret (whsec_...) that requests are signed with, as Standard Webhooks has it" },
	{ 0 },
};

static void curl_url_cleanup_cleanup(CURLU **u)
{
	curl_url_cleanup(*u);
}

static void curl_free_cleanup(char **text)
{
	curl_free(*text);
}

static void webhook_init(void *self)
{
	((struct webhook_output *)self)->timeout = DEFAULT_TIMEOUT_NS;
}

static bool is_loopback(const char *host)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

static int check_url(const char *url, char *error, size_t size, char *warning, size_t warning_size)
{
	_cleanup_(curl_url_cleanup) CURLU *u = curl_url();
	_cleanup_(curl_free) char *scheme = NULL;
	_cleanup_(curl_free) char *host = NULL;
	CURLUcode r;

	if (!u)
		return -ENOMEM;
	r = curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
	if (r == CURLUE_OK)
		r = curl_url_get(u, CURLUPART_HOST, &host, 0);
	if (r == CURLUE_OK)
		r = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
	if (r == CURLUE_OUT_OF_MEMORY)
		return -ENOMEM;
	if (r != CURLUE_OK) {
		snprintf(error, size, "`url` is no URL: %s", curl_url_strerror(r));
		return -EINVAL;
	}
	if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0) {
		snprintf(error, size, "`url` must begin with https:// or http://, not %.40s://", scheme);
		return -EINVAL;
	}
	if (strcmp(scheme, "http") == 0 && !is_loopback(host))
		snprintf(warning, warning_size, "alerts to %.100s are sent unencrypted; use https://", host);
	return 0;
}

static int webhook_check(const void *self, char *error, size_t size, char *warning, size_t warning_size)
{
	const struct webhook_output *w = self;
	_cleanup_(free) char *url = NULL;

	if (memchr(w->url.p, '\0', w->url.len)) {
		snprintf(error, size, "`url` holds a NUL byte");
		return -EINVAL;
	}
	if (w->timeout < NS_PER_S / 1000 || w->timeout > MAX_TIMEOUT_NS) {
		snprintf(error, size, "`timeout` must be between 1ms and 10m");
		return -EINVAL;
	}
	url = strndup(w->url.p, w->url.len);
	return url ? check_url(url, error, size, warning, warning_size) : -ENOMEM;
}

/* Reads a small file that the configuration names @what. 0 or -errno with @error filled. */
static int read_small_file(const char *what, struct str path, size_t max, struct buf *ret, char *error,
			   size_t size)
{
	_cleanup_(free) char *name = strndup(path.p, path.len);
	_cleanup_(fclose) FILE *f = NULL;
	char piece[4096];
	size_t n;
	int r;

	if (!name)
		return -ENOMEM;
	f = fopen(name, "re");
	errno = f ? 0 : errno;
	while (f && ret->len <= max && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(ret, piece, n);
	r = errno ? -errno : ret->len > max ? -EFBIG : ret->error;
	explicit_bzero(piece, sizeof(piece));
	if (r < 0)
		snprintf(error, size, "`%s`: %s: %s", what, name, strerror(-r));
	return r;
}

static int read_secret(struct webhook_output *w, char *error, size_t size)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	int r;

	if (!str_known(w->secret_file))
		return 0;
	if (!w->now) {
		snprintf(error, size, "`secret_file`: signing needs a clock");
		return -EINVAL;
	}
	r = read_small_file("secret_file", w->secret_file, MAX_SECRET_FILE, &text, error, size);
	if (r < 0)
		return r;
	r = sign_key_read(buf_get(&text), &w->key);
	if (r < 0)
		snprintf(error, size, "`secret_file`: it must hold whsec_ and the base64 of %d to %d bytes",
			 SIGN_MIN_KEY, SIGN_MAX_KEY);
	explicit_bzero(text.p, text.len);
	return r;
}

/* The certificates are read now: later there may be no permission to. */
static int set_ca(struct webhook_output *w, char *error, size_t size)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	struct curl_blob blob = { .flags = CURL_BLOB_COPY };
	int r;

	if (!str_known(w->ca_file))
		return 0;
	r = read_small_file("ca_file", w->ca_file, MAX_CA_FILE, &text, error, size);
	if (r < 0)
		return r;
	blob.data = text.p;
	blob.len = text.len;
	if (text.len == 0 || curl_easy_setopt(w->easy, CURLOPT_CAINFO_BLOB, &blob) != CURLE_OK) {
		snprintf(error, size, "`ca_file`: it holds no certificates, or this curl cannot use them");
		return -EINVAL;
	}
	return 0;
}

/* The answer's bytes count and are forgotten; a short count ends the transfer. */
static size_t count_body(char *bytes, size_t one, size_t n, void *self)
{
	struct webhook_output *w = self;

	w->answer_bytes += n;
	return w->answer_bytes > MAX_ANSWER ? 0 : n;
}

static size_t count_header(char *bytes, size_t one, size_t n, void *self)
{
	struct webhook_output *w = self;

	w->header_bytes += n;
	return w->header_bytes > MAX_ANSWER ? 0 : n;
}

/* What is the same for all requests. */
static int set_options(struct webhook_output *w)
{
	_cleanup_(free) char *url = strndup(w->url.p, w->url.len);
	CURL *e = w->easy;
	int bad = 0;

	if (!url)
		return -ENOMEM;
	bad |= curl_easy_setopt(e, CURLOPT_URL, url);
	bad |= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	bad |= curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(w->timeout / (NS_PER_S / 1000)));
	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_NOPROGRESS, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_USERAGENT, "execwatch/" EXECWATCH_VERSION);
	bad |= curl_easy_setopt(e, CURLOPT_ERRORBUFFER, w->curl_error);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, count_body);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEDATA, w);
	bad |= curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, count_header);
	bad |= curl_easy_setopt(e, CURLOPT_HEADERDATA, w);
#if CURL_AT_LEAST_VERSION(7, 87, 0)
	/* Closing does not wait for a name server. */
	bad |= curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
#endif
	return bad ? -EINVAL : 0;
}

static void webhook_close(void *self)
{
	struct webhook_output *w = self;

	curl_easy_cleanup(w->easy);
	curl_multi_cleanup(w->multi);
	w->easy = NULL;
	w->multi = NULL;
	explicit_bzero(&w->key, sizeof(w->key));
	curl_global_cleanup();
}

static int webhook_open(void *self, const struct outputs_options *options, char *error, size_t size)
{
	struct webhook_output *w = self;
	int r;

	snprintf(error, size, "curl does not start");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	w->now = options->now;
	w->multi = curl_multi_init();
	w->easy = curl_easy_init();
	r = w->multi && w->easy ? set_options(w) : -ENOMEM;
	if (r == 0)
		r = set_ca(w, error, size);
	if (r == 0)
		r = read_secret(w, error, size);
	if (r < 0)
		webhook_close(w);
	return r;
}

static void webhook_render(const void *self, const struct alert *a, struct buf *b)
{
	buf_add(b, a->id, ID_LEN);
	alert_write(a, b);
}

static bool add_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer)
		*list = longer;
	return longer != NULL;
}

/* An empty `Expect:` takes away the pause in which curl waits for "100 Continue" before a large body. */
static struct curl_slist *make_headers(const struct webhook_output *w, struct str id, struct str body)
{
	struct curl_slist *list = NULL;
	char text[160];
	struct buf line;
	int64_t now_s = w->now ? w->now() / NS_PER_S : 0;
	bool ok = add_header(&list, "Content-Type: application/json") && add_header(&list, "Expect:");

	snprintf(text, sizeof(text), "webhook-id: %.*s", STR_ARG(id));
	ok = ok && add_header(&list, text);
	if (w->now) {
		snprintf(text, sizeof(text), "webhook-timestamp: %lld", (long long)now_s);
		ok = ok && add_header(&list, text);
	}
	if (w->key.len) {
		buf_init_fixed(&line, text, sizeof(text));
		buf_text(&line, "webhook-signature: ");
		sign_write(&w->key, id, now_s, body, &line);
		buf_char(&line, '\0');
		ok = ok && add_header(&list, text);
	}
	if (ok)
		return list;
	curl_slist_free_all(list);
	return NULL;
}

/* Runs the transfer to its end. False: called off. */
static bool transfer(struct webhook_output *w, const atomic_bool *cancelled, CURLcode *ret)
{
	const CURLMsg *m;
	int running = 1, left;

	if (curl_multi_add_handle(w->multi, w->easy) != CURLM_OK) {
		*ret = CURLE_FAILED_INIT;
		return true;
	}
	*ret = CURLE_ABORTED_BY_CALLBACK;
	while (!atomic_load(cancelled) && curl_multi_perform(w->multi, &running) == CURLM_OK && running)
		curl_multi_poll(w->multi, NULL, 0, WAIT_SLICE_MS, NULL);
	while ((m = curl_multi_info_read(w->multi, &left)))
		if (m->msg == CURLMSG_DONE)
			*ret = m->data.result;
	curl_multi_remove_handle(w->multi, w->easy);
	return !running;
}

/* The status line decides: a body that is too long is not read to its end, but the alert has arrived. */
static enum sent judge(const struct webhook_output *w, CURLcode result, char *error, size_t size)
{
	bool body_too_long = result == CURLE_WRITE_ERROR && w->answer_bytes > MAX_ANSWER;
	const char *why = w->curl_error[0] ? w->curl_error : curl_easy_strerror(result);
	long status = 0;

	curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
	if (result != CURLE_OK && !body_too_long) {
		if (w->header_bytes > MAX_ANSWER)
			why = "the answer's headers are too long";
		snprintf(error, size, "%s", why);
		return SEND_FAILED;
	}
	if (status >= 200 && status <= 299)
		return SENT;
	snprintf(error, size, "the receiver answered %ld%s", status,
		 status >= 300 && status <= 399 ? "; redirects are not followed" : "");
	return SEND_FAILED;
}

static enum sent webhook_send(void *self, struct str message, const atomic_bool *cancelled, char *error,
			      size_t size)
{
	struct webhook_output *w = self;
	struct str id = { message.p, ID_LEN }, body = str_skip(message, ID_LEN);
	struct curl_slist *headers = make_headers(w, id, body);
	CURLcode result;
	bool ended;

	if (!headers) {
		snprintf(error, size, "out of memory");
		return SEND_FAILED;
	}
	w->answer_bytes = w->header_bytes = 0;
	w->curl_error[0] = '\0';
	curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(w->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	curl_easy_setopt(w->easy, CURLOPT_POSTFIELDS, body.p);
	ended = transfer(w, cancelled, &result);
	curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	if (ended)
		return judge(w, result, error, size);
	snprintf(error, size, "closed before the receiver answered");
	return SEND_FAILED;
}

const struct output_type output_webhook = {
	.type = "webhook",
	.help = "an HTTP receiver: each alert is posted as one JSON object",
	.size = sizeof(struct webhook_output),
	.settings = webhook_settings,
	.init = webhook_init,
	.check = webhook_check,
	.open = webhook_open,
	.render = webhook_render,
	.send = webhook_send,
	.close = webhook_close,
};
