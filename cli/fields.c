/* SPDX-License-Identifier: Apache-2.0 */
/* execwatch fields: the fields that rules can use, printed from the tables that rules are checked against. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/verb.h"
#include "event/field.h"
#include "event/json.h"
#include "parser/sigma_fields.h"

struct fields_options {
	int format;
	bool sigma;
};

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_MARKDOWN };
static const char *const formats[] = { "text", "json", "markdown", NULL };

static const struct cli_option options[] = {
	{ "format", 0, OPTION_CHOICE, offsetof(struct fields_options, format), "text|json|markdown", formats,
	  "text, a JSON array of {name, type, help}, or a markdown table" },
	{ "sigma", 0, OPTION_FLAG, offsetof(struct fields_options, sigma), NULL, NULL,
	  "those of Sigma rules: {name, fields, help}, fields being what they are here" },
	{ 0 },
};

/* Of an enumeration of so many values all are shown beside its help. */
#define FEW_VALUES 8

static void print_help(const struct field *f)
{
	size_t n = 0;

	fputs(f->help, stdout);
	while (f->values && f->values[n])
		n++;
	for (size_t i = 0; i < n && n <= FEW_VALUES; i++)
		printf("%s%s%s", i ? ", " : " (", f->values[i], i + 1 < n ? "" : ")");
}

static void print_text(void)
{
	for (size_t i = 0; i < n_fields; i++) {
		printf("%-18s %-9s ", field_table[i].name, field_type_name(field_table[i].type));
		print_help(&field_table[i]);
		putchar('\n');
	}
}

static void print_json(void)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	struct json j = JSON_INIT(&text);

	json_list(&j, NULL);
	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &field_table[i];
		size_t n = 0;

		json_object(&j, NULL);
		json_text(&j, "name", f->name);
		json_text(&j, "type", field_type_name(f->type));
		json_text(&j, "help", f->help);
		/* Long for errno, but it is what an editor completes from. */
		if (f->values) {
			json_list(&j, "values");
			while (f->values[n])
				json_text(&j, NULL, f->values[n++]);
			json_end_list(&j);
		}
		json_end_object(&j);
	}
	json_end_list(&j);
	buf_char(&text, '\n');
	fwrite(buf_get(&text).p, 1, text.len, stdout);
}

static void print_markdown(void)
{
	printf("| field | type | meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < n_fields; i++) {
		printf("| `%s` | %s | ", field_table[i].name, field_type_name(field_table[i].type));
		print_help(&field_table[i]);
		puts(" |");
	}
}

/* The native names of one of Sigma's fields, between which a row has blanks. */
static void print_native(const struct sigma_field_row *f, int width)
{
	char text[256] = "-";
	size_t n = 0;

	for (const char *p = f->native; *p && n + 2 < sizeof(text); p++) {
		if (*p == ' ')
			text[n++] = ',';
		text[n++] = *p;
		text[n] = '\0';
	}
	printf("%-*s", width, text);
}

static void print_sigma_text(void)
{
	for (size_t i = 0; i < n_sigma_fields; i++) {
		const struct sigma_field_row *f = &sigma_field_table[i];

		printf("%-21s ", f->name);
		print_native(f, 18);
		printf(" %s\n", f->help);
	}
}

static void print_sigma_json(void)
{
	_cleanup_(buf) struct buf text = BUF_INIT;
	struct json j = JSON_INIT(&text);

	json_list(&j, NULL);
	for (size_t i = 0; i < n_sigma_fields; i++) {
		const struct sigma_field_row *f = &sigma_field_table[i];
		const char *name = f->native;

		json_object(&j, NULL);
		json_text(&j, "name", f->name);
		json_list(&j, "fields");
		while (*name) {
			size_t n = strcspn(name, " ");

			json_str(&j, NULL, (struct str){ name, n });
			name += n + (name[n] != '\0');
		}
		json_end_list(&j);
		json_text(&j, "help", f->help);
		json_end_object(&j);
	}
	json_end_list(&j);
	buf_char(&text, '\n');
	fwrite(buf_get(&text).p, 1, text.len, stdout);
}

static void print_sigma_markdown(void)
{
	printf("| Sigma | here | meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < n_sigma_fields; i++) {
		const struct sigma_field_row *f = &sigma_field_table[i];

		printf("| `%s` | ", f->name);
		print_native(f, 0);
		printf(" | %s |\n", f->help);
	}
}

static void (*const forms[][2])(void) = {
	[FORMAT_TEXT] = { print_text, print_sigma_text },
	[FORMAT_JSON] = { print_json, print_sigma_json },
	[FORMAT_MARKDOWN] = { print_markdown, print_sigma_markdown },
};

static int fields(const void *opts, const char *const *arg, size_t n_args)
{
	const struct fields_options *o = opts;

	if (n_args) {
		log_error("`fields` takes no arguments (`%s`)", arg[0]);
		return EXIT_USAGE;
	}
	forms[o->format][o->sigma]();
	return EXIT_FINE;
}

const struct verb verb_fields = {
	.name = "fields",
	.arguments = "[options]",
	.summary = "list the fields that rules can use",
	.options = options,
	.options_size = sizeof(struct fields_options),
	.run = fields,
};
