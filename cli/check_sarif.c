/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `check` found as SARIF 2.1.0 (OASIS), which code hosts and editors show at the lines that it names.
 *
 * Codes are SARIF's rules, diagnostics its results. Columns are characters (columnKind), as everywhere here,
 * and the end of a region is the column behind its last one, as in struct loc.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/check.h"
#include "event/json.h"
#include "parser/codes.h"

/* The text, with U+FFFD for bytes that are no UTF-8: SARIF has no place for the exact ones. */
static void text(struct json *j, const char *key, struct str s)
{
	_cleanup_(buf) struct buf valid = BUF_INIT;

	while (s.len) {
		size_t n = utf8_length(s);

		if (n == 0)
			buf_text(&valid, "\xef\xbf\xbd");
		else
			buf_add(&valid, s.p, n);
		s = str_skip(s, n ? n : 1);
	}
	json_str(j, key, str_known(buf_get(&valid)) ? buf_get(&valid) : STR_LIT(""));
}

static void message(struct json *j, const char *key, struct str s)
{
	json_object(j, key);
	text(j, "text", s);
	json_end_object(j);
}

/* A path as a URI reference (RFC 3986): a relative one stays relative to where `check` ran. */
static void write_uri(struct json *j, struct str path)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	_cleanup_(buf) struct buf uri = BUF_INIT;

	if (str_has_prefix(path, STR_LIT("/")))
		buf_text(&uri, "file://");
	for (size_t i = 0; i < path.len; i++) {
		if (memchr(kept, path.p[i], sizeof(kept) - 1))
			buf_char(&uri, path.p[i]);
		else
			buf_printf(&uri, "%%%02X", (unsigned char)path.p[i]);
	}
	json_object(j, "artifactLocation");
	json_str(j, "uri", buf_get(&uri));
	json_end_object(j);
}

static void write_location(struct json *j, struct loc at, struct str label)
{
	json_object(j, NULL);
	json_object(j, "physicalLocation");
	write_uri(j, at.source->path);
	if (at.line) {
		json_object(j, "region");
		json_int(j, "startLine", at.line);
		json_int(j, "startColumn", at.col);
		json_int(j, "endColumn", at.end_col > at.col ? at.end_col : at.col + 1);
		json_end_object(j);
	}
	json_end_object(j);
	if (label.len)
		message(j, "message", label);
	json_end_object(j);
}

static void write_result(struct json *j, const struct diag *d, size_t rule)
{
	_cleanup_(buf) struct buf told = BUF_INIT;

	buf_str(&told, d->message);
	if (d->help.len) {
		buf_text(&told, "\nhelp: ");
		buf_str(&told, d->help);
	}
	json_object(j, NULL);
	json_text(j, "ruleId", d->code->code);
	json_int(j, "ruleIndex", (int64_t)rule);
	json_text(j, "level", d->level == DIAG_ERROR ? "error" : "warning");
	message(j, "message", buf_get(&told));
	json_list(j, "locations");
	if (d->at.source)
		write_location(j, d->at, d->label);
	json_end_list(j);
	if (d->second.source) {
		json_list(j, "relatedLocations");
		write_location(j, d->second, d->second_label);
		json_end_list(j);
	}
	json_end_object(j);
}

/* The first sentence of an explanation, in one line. */
static void write_short(struct json *j, const char *explanation)
{
	_cleanup_(buf) struct buf b = BUF_INIT;

	for (const char *p = explanation; *p; p++) {
		if (p[0] == '\n' && p[1] == '\n')
			break;
		buf_char(&b, *p == '\n' ? ' ' : *p);
		if (p[0] == '.' && (p[1] == ' ' || p[1] == '\n'))
			break;
	}
	message(j, "shortDescription", buf_get(&b));
}

static void write_rule(struct json *j, const struct diag_code *code)
{
	json_object(j, NULL);
	json_text(j, "id", code->code);
	write_short(j, code->explanation);
	message(j, "fullDescription", str_of(code->explanation));
	message(j, "help", str_of(code->explanation));
	json_object(j, "defaultConfiguration");
	json_text(j, "level", code->code[0] == 'W' ? "warning" : "error");
	json_end_object(j);
	json_end_object(j);
}

static bool occurs(const struct diags *ds, const struct diag_code *code)
{
	for (size_t i = 0; i < ds->n; i++)
		if (ds->items[i].code == code)
			return true;
	return false;
}

/* The codes that occur, in the order of their list: an index into them is a result's ruleIndex. */
static void write_driver(struct json *j, const struct diags *ds)
{
	json_object(j, "tool");
	json_object(j, "driver");
	json_text(j, "name", "execwatch");
	json_text(j, "version", EXECWATCH_VERSION);
	json_list(j, "rules");
	for (const struct diag_code *const *c = diag_codes; *c; c++)
		if (occurs(ds, *c))
			write_rule(j, *c);
	json_end_list(j);
	json_end_object(j);
	json_end_object(j);
}

static void write_results(struct json *j, const struct diags *ds)
{
	json_list(j, "results");
	for (size_t i = 0; i < ds->n; i++) {
		size_t rule = 0;

		for (const struct diag_code *const *c = diag_codes; *c && *c != ds->items[i].code; c++)
			rule += occurs(ds, *c);
		write_result(j, &ds->items[i], rule);
	}
	json_end_list(j);
}

int check_print_sarif(const struct diags *ds, const struct ruleset *rules)
{
	_cleanup_(buf) struct buf b = BUF_INIT;
	struct json j = JSON_INIT(&b);

	json_object(&j, NULL);
	json_text(&j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_text(&j, "version", "2.1.0");
	json_list(&j, "runs");
	json_object(&j, NULL);
	write_driver(&j, ds);
	json_text(&j, "columnKind", "unicodeCodePoints");
	write_results(&j, ds);
	json_end_object(&j);
	json_end_list(&j);
	json_end_object(&j);
	buf_char(&b, '\n');
	fwrite(buf_get(&b).p, 1, b.len, stdout);
	return b.error;
}
