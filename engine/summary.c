/* SPDX-License-Identifier: Apache-2.0 */
/* Summaries; see summary.h. One that does not fit ends with a whole character and an ellipsis. */
#include "engine/summary.h"

#include <string.h>

#include "base/text.h"
#include "base/timefmt.h"
#include "event/template.h"

#define KEY_PREFIX "key."

/* With room left for the ellipsis. */
static struct buf begin(struct summary *s)
{
	struct buf b;

	buf_init_fixed(&b, s->text, sizeof(s->text) - strlen(ELLIPSIS));
	return b;
}

static struct str end(struct buf *b)
{
	size_t len = b->len;

	if (b->error) {
		for (size_t back = 1; back <= 3 && back <= b->len; back++) {
			struct str tail = { b->p + b->len - back, back };

			if ((unsigned char)tail.p[0] >= 0xc0 && utf8_length(tail) == 0)
				len = b->len - back;
		}
		buf_cut(b, len);
		b->cap += strlen(ELLIPSIS);
		buf_text(b, ELLIPSIS);
	}
	return buf_get(b);
}

/* What key.FIELD stands for; unknown where the alert has no such field in its key. */
static struct str key_value(const struct alert *a, const char *variable)
{
	struct str field = str_of(variable + strlen(KEY_PREFIX));

	for (size_t i = 0; i < a->n_key; i++)
		if (str_eq(a->key[i].name, field))
			return a->key[i].value;
	return (struct str){ NULL, 0 };
}

struct str summary_render(struct summary *s, const struct alert *a)
{
	struct template_var items[RULE_MAX_VARS] = { { NULL, { NULL, 0 } } };
	const struct template_vars vars = { items, a->rule->vars->n };
	bool counted = a->kind == ALERT_THRESHOLD || a->kind == ALERT_SUMMARY;
	char numbers[2][32];
	struct buf count, window, b = begin(s);

	buf_init_fixed(&count, numbers[0], sizeof(numbers[0]));
	buf_init_fixed(&window, numbers[1], sizeof(numbers[1]));
	buf_int(&count, (int64_t)a->count);
	seconds_write(a->window_ns, &window);
	items[RULE_VAR_TITLE].value = a->rule->title;
	items[RULE_VAR_ID].value = a->rule->id;
	items[RULE_VAR_SEVERITY].value = str_of(severity_names[a->rule->severity]);
	if (counted) {
		items[RULE_VAR_COUNT].value = buf_get(&count);
		items[RULE_VAR_WINDOW].value = buf_get(&window);
	}
	for (size_t i = N_RULE_VARS; i < vars.n; i++)
		items[i].value = key_value(a, a->rule->vars->item[i].name);
	template_render(a->rule->summary, a->event, &vars, &b);
	return end(&b);
}

struct str summary_plain(struct summary *s, struct str text)
{
	struct buf b = begin(s);

	escape_controls(text, &b);
	return end(&b);
}
