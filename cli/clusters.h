/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matches of one rule, by what they have in common: the exceptions that would silence most of them.
 *
 * A cluster is what agrees in all parts below but argv. Of those that run the same program a proposal is made
 * by adding one part after the other that nearly all of them share, so that it stays as narrow as what was
 * seen. What the caller chooses (argv, filename) is only ever added to what it does not.
 */
#ifndef CLI_CLUSTERS_H
#define CLI_CLUSTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "event/event.h"

enum part {
	PART_EXE,
	PART_FILENAME,		/* of a failed exec, which has no exe */
	PART_CALLER_EXE,	/* the same */
	PART_PARENT_EXE,
	PART_USER,
	PART_UID,		/* where the user has no name */
	PART_UNIT,
	PART_RUNTIME,
	PART_NS_HOST,
	PART_ARGV,		/* of a cluster: where it is always the same */
	N_PARTS
};

/* As rules call them. */
extern const char *const part_names[N_PARTS];

/* Values as rules write them; unknown: not known, or not to be asked for. */
struct parts {
	struct str value[N_PARTS];
};

struct clusters;

/* 0 or -ENOMEM. */
int clusters_new(struct clusters **ret);
struct clusters *clusters_free(struct clusters *c);

/* A match. 0 or -ENOMEM. */
int clusters_add(struct clusters *c, const struct event *ev);

uint64_t clusters_matches(const struct clusters *c);

/* What an exception would ask for. Not to be copied: the sample points into it. */
struct proposal {
	struct parts parts;		/* the known ones; borrowed from the clusters */
	uint64_t matches;		/* that it silences and none before it did */
	bool at_least;			/* there may be more: not every kind was kept */
	bool timed;
	int64_t first_ns, last_ns;	/* where timed: of them */
	struct event sample;		/* one of them, as far as its parts are known */
	struct str sample_argv;
};

/* Puts the heaviest proposal with at least @min_matches matches into @ret and takes its matches out. False:
 * there is none. No more clusters_add() behind it. */
bool clusters_propose(struct clusters *c, uint64_t min_matches, struct proposal *ret);

DEFINE_CLEANUP(struct clusters *, clusters_free)

#endif
