/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket; see control.h. Listener and clients are in one epoll, which is the one descriptor that
 * the session polls.
 *
 * Lock and socket are made after the drop, so that they are the user's from the beginning: giving away what
 * lies in a folder that the user can write would be a race. The lock is a file of mode 0600, not the folder:
 * whoever may read something can lock it, too. It stays, since removing it would be a race with the next run.
 * The socket is reached through the directory's descriptor, which was
 * opened before, so that it matters neither who may walk the path nor how long it is.
 */
#include "cli/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/log.h"

#define SOCKET "control"
#define LOCK "lock"
#define MAX_CLIENTS 4
#define LISTENER MAX_CLIENTS		/* in place of a client's number */
#define MAX_REQUEST 64
#define MAX_ANSWER ((size_t)1 << 20)
#define MAX_HEAD 64
/* How long a client may take in all, and an answer may keep one waiting. */
#define CLIENT_TICKS 5
#define PATIENCE_S 5

static const char *const requests[] = {
	[CONTROL_STATUS_TEXT] = "status text",
	[CONTROL_STATUS_JSON] = "status json",
};

struct client {
	int fd;				/* -1: a free place */
	unsigned int ticks;
	char request[MAX_REQUEST];
	size_t n_request;
	struct buf answer;		/* empty while the request is read */
	size_t sent;
};

struct control {
	void (*answer)(void *ctx, enum control_request request, struct buf *to);
	void *ctx;
	const char *state;
	const struct privileges *who;
	int folder, lock, listener, epoll;
	bool bound;			/* the socket's file is ours to remove */
	bool paused;			/* the listener is not looked at */
	struct client client[MAX_CLIENTS];
};

/* What is in the folder, by its descriptor: /proc/self/fd/N/control. */
static struct sockaddr_un address_in(int folder)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/" SOCKET, folder);
	return a;
}

/* A folder that was there before keeps its owner and its mode: it may be anybody's. */
static int open_folder(const char *path, const struct privileges *who)
{
	bool made = mkdir(path, 0750) == 0;
	_cleanup_(close) int fd = -1;
	struct stat st;

	if (!made && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (made ? O_NOFOLLOW : 0));
	if (fd < 0)
		return -errno;
	if (made && (fstat(fd, &st) < 0 || st.st_uid != geteuid()))
		return -EPERM;
	if (made && (fchmod(fd, 0750) < 0 || (who->changes_user && fchown(fd, who->uid, who->gid) < 0)))
		return -errno;
	return TAKE_FD(fd);
}

/* Whose it is, and how to change that: directory or lock may be of a run as another user. */
static void complain_of_owner(const struct control *c)
{
	bool is_lock = faccessat(c->folder, ".", W_OK | X_OK, AT_EACCESS) == 0;
	struct stat st;

	if (fstatat(c->folder, is_lock ? LOCK : "", &st, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0)
		log_warning("no control socket in %s: %m", c->state);
	else
		log_warning("no control socket in %s: %s is of uid %u, mode %04o, and uid %u must be able to "
			    "write it (chown %u:%u %s%s)", c->state, is_lock ? "its " LOCK : "it", st.st_uid,
			    st.st_mode & 07777, c->who->uid, c->who->uid, c->who->gid, c->state,
			    is_lock ? "/" LOCK : "");
}

static struct control *fail(struct control *c, const char *state, int r)
{
	if (r == -EWOULDBLOCK)
		log_warning("no control socket: another run uses %s", state);
	else if (r == -EACCES && c && c->folder >= 0)
		complain_of_owner(c);
	else if (r == -ENOTSOCK)
		log_warning("no control socket in %s: what is called " SOCKET " there is none", state);
	else
		log_warning("no control socket in %s: %s", state, strerror(-r));
	return control_free(c);
}

struct control *control_open(const struct control_options *options)
{
	struct control *c = calloc(1, sizeof(*c));

	if (!c)
		return fail(NULL, options->state, -ENOMEM);
	c->answer = options->answer;
	c->ctx = options->ctx;
	c->state = options->state;
	c->who = options->who;
	c->lock = c->listener = c->epoll = -1;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		c->client[i].fd = -1;
	c->folder = open_folder(options->state, options->who);
	return c->folder < 0 ? fail(c, options->state, c->folder) : c;
}

static int take_lock(struct control *c)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

	c->lock = openat(c->folder, LOCK, flags, 0600);
	return c->lock < 0 || flock(c->lock, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

/* Who has the lock may take a socket away that lies there: nobody listens to it any more. */
static int bind_socket(struct control *c)
{
	struct sockaddr_un address = address_in(c->folder);
	struct stat st;
	mode_t before;
	int r;

	if (fstatat(c->folder, SOCKET, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return -ENOTSOCK;
		if (unlinkat(c->folder, SOCKET, 0) < 0)
			return -errno;
	}
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->listener < 0)
		return -errno;
	before = umask(0117);
	r = bind(c->listener, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	umask(before);
	if (r < 0)
		return r;
	c->bound = true;
	return listen(c->listener, MAX_CLIENTS) < 0 ? -errno : 0;
}

static int watch(struct control *c, int how, int fd, uint32_t events, uint32_t number)
{
	struct epoll_event e = { .events = events, .data.u32 = number };

	return epoll_ctl(c->epoll, how, fd, &e) < 0 ? -errno : 0;
}

struct control *control_listen(struct control *c)
{
	int r;

	if (!c)
		return NULL;
	r = take_lock(c);
	if (r == 0)
		r = bind_socket(c);
	if (r == 0) {
		c->epoll = epoll_create1(EPOLL_CLOEXEC);
		r = c->epoll < 0 ? -errno : watch(c, EPOLL_CTL_ADD, c->listener, EPOLLIN, LISTENER);
	}
	return r < 0 ? fail(c, c->state, r) : c;
}

static void drop_client(struct client *client)
{
	close_cleanup(&client->fd);
	buf_done(&client->answer);
	*client = (struct client){ .fd = -1, .answer = BUF_INIT };
}

struct control *control_free(struct control *c)
{
	if (!c)
		return NULL;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		drop_client(&c->client[i]);
	if (c->bound)
		unlinkat(c->folder, SOCKET, 0);
	close_cleanup(&c->listener);
	close_cleanup(&c->epoll);
	close_cleanup(&c->lock);
	close_cleanup(&c->folder);
	free(c);
	return NULL;
}

int control_fd(const struct control *c)
{
	return c ? c->epoll : -1;
}

static struct client *free_place(struct control *c)
{
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (c->client[i].fd < 0)
			return &c->client[i];
	return NULL;
}

/* While no client can be taken in, those that wait to be must not keep the loop awake. */
static void pause_listener(struct control *c, bool pause)
{
	if (c->paused == pause)
		return;
	c->paused = pause;
	watch(c, EPOLL_CTL_MOD, c->listener, pause ? 0 : EPOLLIN, LISTENER);
}

static void accept_clients(struct control *c)
{
	struct client *client;

	while ((client = free_place(c))) {
		client->fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client->fd < 0) {
			/* Too many open files: the next tick looks again. */
			pause_listener(c, errno != EAGAIN && errno != EINTR && errno != ECONNABORTED);
			return;
		}
		if (watch(c, EPOLL_CTL_ADD, client->fd, EPOLLIN, (uint32_t)(client - c->client)) < 0)
			drop_client(client);
	}
	pause_listener(c, true);
}

/* False: there is nothing to send. */
static bool make_answer(struct control *c, struct client *client, struct str line)
{
	_cleanup_(buf) struct buf answer = BUF_INIT;
	size_t i = 0;

	while (i < ARRAY_SIZE(requests) && !str_eq(line, str_of(requests[i])))
		i++;
	if (i == ARRAY_SIZE(requests)) {
		buf_text(&client->answer, "error there is no such request\n");
		return !client->answer.error;
	}
	c->answer(c->ctx, (enum control_request)i, &answer);
	buf_printf(&client->answer, "ok %zu\n", answer.len);
	buf_str(&client->answer, buf_get(&answer));
	return !answer.error && !client->answer.error;
}

/* False: done with this client. */
static bool read_request(struct control *c, struct client *client)
{
	char *end;
	ssize_t n;

	n = recv(client->fd, client->request + client->n_request, MAX_REQUEST - client->n_request, 0);
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	client->n_request += (size_t)n;
	end = memchr(client->request, '\n', client->n_request);
	if (!end && client->n_request < MAX_REQUEST)
		return true;
	return make_answer(c, client, (struct str){ client->request, end ? (size_t)(end - client->request) :
									   client->n_request }) &&
	       watch(c, EPOLL_CTL_MOD, client->fd, EPOLLOUT, (uint32_t)(client - c->client)) == 0;
}

static bool send_answer(struct client *client)
{
	struct str rest = str_skip(buf_get(&client->answer), client->sent);
	ssize_t n = send(client->fd, rest.p, rest.len, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	client->sent += (size_t)n;
	return client->sent < client->answer.len;
}

void control_serve(struct control *c)
{
	struct epoll_event events[MAX_CLIENTS + 1];
	int n = epoll_wait(c->epoll, events, ARRAY_SIZE(events), 0);
	struct client *client;

	for (int i = 0; i < n; i++) {
		if (events[i].data.u32 == LISTENER) {
			accept_clients(c);
			continue;
		}
		client = &c->client[events[i].data.u32];
		if (client->answer.len ? send_answer(client) : read_request(c, client))
			continue;
		drop_client(client);
		pause_listener(c, false);
	}
}

void control_tick(struct control *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (c->client[i].fd >= 0 && ++c->client[i].ticks > CLIENT_TICKS)
			drop_client(&c->client[i]);
	pause_listener(c, !free_place(c));
}

static int connect_to(const char *state)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	_cleanup_(close) int folder = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(close) int fd = -1;
	struct sockaddr_un address;

	if (folder < 0)
		return -errno;
	address = address_in(folder);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return TAKE_FD(fd);
}

/* Everything up to the end, but not more than MAX_ANSWER. */
static int read_all(int fd, struct buf *b)
{
	char piece[4096];
	ssize_t n;

	while ((n = recv(fd, piece, sizeof(piece), 0)) != 0) {
		if (n < 0 && errno != EINTR)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (n > 0)
			buf_add(b, piece, (size_t)n);
		if (b->error || b->len > MAX_ANSWER)
			return b->error ? b->error : -EBADMSG;
	}
	return 0;
}

int control_read_answer(struct str whole, struct buf *ret)
{
	const char *end = memchr(whole.p, '\n', whole.len < MAX_HEAD ? whole.len : MAX_HEAD);
	char want[MAX_HEAD];
	struct str head, body;

	if (!end)
		return -EBADMSG;
	head = (struct str){ whole.p, (size_t)(end - whole.p) };
	body = str_skip(whole, head.len + 1);
	snprintf(want, sizeof(want), "ok %zu", body.len);
	if (!str_eq(head, str_of(want)))
		return -EBADMSG;
	buf_str(ret, body);
	return ret->error;
}

int control_ask(const char *state, enum control_request request, struct buf *ret)
{
	_cleanup_(buf) struct buf line = BUF_INIT;
	_cleanup_(buf) struct buf answer = BUF_INIT;
	_cleanup_(close) int fd = connect_to(state);
	int r;

	if (fd < 0)
		return fd;
	buf_printf(&line, "%s\n", requests[request]);
	if (line.error)
		return line.error;
	if (send(fd, line.p, line.len, MSG_NOSIGNAL) != (ssize_t)line.len)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	r = read_all(fd, &answer);
	return r < 0 ? r : control_read_answer(buf_get(&answer), ret);
}
