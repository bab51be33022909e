/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One list gives the table by number and the list of names. The last five are the kernel's own
 * (include/linux/errno.h): user space never sees them, but a probe on the return of execve does, where a
 * signal interrupts the call.
 */
#include "base/errnos.h"

#include <errno.h>

#include "base/cleanup.h"

#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ENOIOCTLCMD 515
#define ERESTART_RESTARTBLOCK 516

#define ERRNO_LIST(X)                                                                                       \
	X(EPERM) X(ENOENT) X(ESRCH) X(EINTR) X(EIO) X(ENXIO) X(E2BIG) X(ENOEXEC) X(EBADF) X(ECHILD)         \
	X(EAGAIN) X(ENOMEM) X(EACCES) X(EFAULT) X(ENOTBLK) X(EBUSY) X(EEXIST) X(EXDEV) X(ENODEV)            \
	X(ENOTDIR) X(EISDIR) X(EINVAL) X(ENFILE) X(EMFILE) X(ENOTTY) X(ETXTBSY) X(EFBIG) X(ENOSPC)          \
	X(ESPIPE) X(EROFS) X(EMLINK) X(EPIPE) X(EDOM) X(ERANGE) X(EDEADLK) X(ENAMETOOLONG) X(ENOLCK)        \
	X(ENOSYS) X(ENOTEMPTY) X(ELOOP) X(ENOMSG) X(EIDRM) X(ECHRNG) X(EL2NSYNC) X(EL3HLT) X(EL3RST)        \
	X(ELNRNG) X(EUNATCH) X(ENOCSI) X(EL2HLT) X(EBADE) X(EBADR) X(EXFULL) X(ENOANO) X(EBADRQC)           \
	X(EBADSLT) X(EBFONT) X(ENOSTR) X(ENODATA) X(ETIME) X(ENOSR) X(ENONET) X(ENOPKG) X(EREMOTE)          \
	X(ENOLINK) X(EADV) X(ESRMNT) X(ECOMM) X(EPROTO) X(EMULTIHOP) X(EDOTDOT) X(EBADMSG) X(EOVERFLOW)     \
	X(ENOTUNIQ) X(EBADFD) X(EREMCHG) X(ELIBACC) X(ELIBBAD) X(ELIBSCN) X(ELIBMAX) X(ELIBEXEC)            \
	X(EILSEQ) X(ERESTART) X(ESTRPIPE) X(EUSERS) X(ENOTSOCK) X(EDESTADDRREQ) X(EMSGSIZE) X(EPROTOTYPE)   \
	X(ENOPROTOOPT) X(EPROTONOSUPPORT) X(ESOCKTNOSUPPORT) X(EOPNOTSUPP) X(EPFNOSUPPORT)                  \
	X(EAFNOSUPPORT) X(EADDRINUSE) X(EADDRNOTAVAIL) X(ENETDOWN) X(ENETUNREACH) X(ENETRESET)              \
	X(ECONNABORTED) X(ECONNRESET) X(ENOBUFS) X(EISCONN) X(ENOTCONN) X(ESHUTDOWN) X(ETOOMANYREFS)        \
	X(ETIMEDOUT) X(ECONNREFUSED) X(EHOSTDOWN) X(EHOSTUNREACH) X(EALREADY) X(EINPROGRESS) X(ESTALE)      \
	X(EUCLEAN) X(ENOTNAM) X(ENAVAIL) X(EISNAM) X(EREMOTEIO) X(EDQUOT) X(ENOMEDIUM) X(EMEDIUMTYPE)       \
	X(ECANCELED) X(ENOKEY) X(EKEYEXPIRED) X(EKEYREVOKED) X(EKEYREJECTED) X(EOWNERDEAD)                  \
	X(ENOTRECOVERABLE) X(ERFKILL) X(EHWPOISON)                                                          \
	X(ERESTARTSYS) X(ERESTARTNOINTR) X(ERESTARTNOHAND) X(ENOIOCTLCMD) X(ERESTART_RESTARTBLOCK)

#define BY_NUMBER(name) [name] = #name,
static const char *const names_by_number[] = { ERRNO_LIST(BY_NUMBER) };

#define IN_ORDER(name) #name,
const char *const errno_names[] = { ERRNO_LIST(IN_ORDER) NULL };

static const struct {
	const char *name;
	int number;
} aliases[] = {
	{ "EWOULDBLOCK", EWOULDBLOCK },
	{ "EDEADLOCK", EDEADLOCK },
	{ "ENOTSUP", ENOTSUP },
};

const char *errno_alias(size_t n)
{
	return n < ARRAY_SIZE(aliases) ? aliases[n].name : NULL;
}

struct str errno_name(int number)
{
	if (number <= 0 || (size_t)number >= ARRAY_SIZE(names_by_number))
		return str_of(NULL);
	return str_of(names_by_number[number]);
}

int errno_number(struct str name)
{
	if (!str_known(name))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names_by_number); i++)
		if (str_eq(str_of(names_by_number[i]), name))
			return (int)i;
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (str_eq(str_of(aliases[i].name), name))
			return aliases[i].number;
	return 0;
}
