/* SPDX-License-Identifier: Apache-2.0 */
/* Any pattern on any subject: a flag byte, the pattern up to a newline, the subject. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/regex.h"
#include "tests/fuzz/fuzz.h"

static void check_error(struct str pattern, const struct regex_error *e)
{
	CHECK(e->message[0] && e->offset < (pattern.len ? pattern.len : 1));
	CHECK(memchr(e->message, '\0', sizeof(e->message)) && memchr(e->label, '\0', sizeof(e->label)) &&
	     memchr(e->help, '\0', sizeof(e->help)));
}

/* What PCRE2's interpreter has of a pattern that it takes, with nothing else around it; a result of
 * pcre2_match(). */
static int search_plainly(struct str pattern, struct str subject, unsigned int flags)
{
	uint32_t options = flags & REGEX_SIGMA ? 0 : PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY;
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	PCRE2_SIZE offset;
	int error, r = PCRE2_ERROR_NOMEMORY;
	pcre2_code *code;

	code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.len, options, &error, &offset, NULL);
	if (code && data && context) {
		pcre2_set_match_limit(context, 100000);
		pcre2_set_heap_limit(context, 1024);
		r = pcre2_match(code, (PCRE2_SPTR)subject.p, subject.len, 0, 0, data, context);
	}
	pcre2_code_free(code);
	pcre2_match_data_free(data);
	pcre2_match_context_free(context);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(regex_free) struct regex *re = NULL;
	_cleanup_(regex_scratch_free) struct regex_scratch *s = NULL;
	const uint8_t *end = size > 0 ? memchr(data + 1, '\n', size - 1) : NULL;
	struct regex_error error;
	struct str pattern, subject;
	enum truth whole, part;
	int r;

	if (!end)
		return 0;
	pattern = (struct str){ (const char *)data + 1, (size_t)(end - data) - 1 };
	subject = (struct str){ (const char *)end + 1, size - pattern.len - 2 };
	r = regex_new(pattern, data[0] & REGEX_SIGMA, &error, &re);
	if (r == -EINVAL)
		check_error(pattern, &error);
	if (r < 0 || regex_prepare(re, true) < 0 || regex_scratch_new(&s) < 0)
		return 0;

	/* Callouts change no answer. */
	whole = regex_search(re, subject, false, s);
	r = search_plainly(pattern, subject, data[0] & REGEX_SIGMA);
	CHECK(!(whole == TRUTH_YES && r == PCRE2_ERROR_NOMATCH) && !(whole == TRUTH_NO && r >= 0));

	/* What a part of the subject proves or disproves is so of the whole. */
	part = regex_search(re, (struct str){ subject.p, subject.len / 2 }, true, s);
	CHECK(!(part == TRUTH_YES && whole == TRUTH_NO) && !(part == TRUTH_NO && whole == TRUTH_YES));
	return 0;
}
