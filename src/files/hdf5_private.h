/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files about HDF5 share: its handles and its sentences, and attributes as metadata. The
 * header of HDF5 stays out of it: an hid_t is an int64_t. */
#ifndef TW_HDF5_PRIVATE_H
#define TW_HDF5_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <thalweg/files/bundle.h>

#include "files/source_private.h"

/* The caller's own setting for printing errors, put aside while we are at work. */
typedef struct tw_hdf5_printing {
    int (*handler)(int64_t stack, void *data);
    void *data;
} tw_hdf5_printing;

tw_hdf5_printing tw_hdf5_silence(void);
void tw_hdf5_restore(tw_hdf5_printing saved);

/* Any kind of identifier but a file's; a negative one is passed over. */
void tw_hdf5_release(int64_t id);

/* "what: " and the innermost entry of the library's error stack, which tells most. */
tw_status tw_hdf5_fail(tw_status status, const char *what);

/* Does a group remember the order in which things were added? get: of its creation plan. */
bool tw_hdf5_is_ordered(int64_t group, int (*get)(int64_t plan, unsigned *flags));

/* Every attribute of a group becomes metadata: a text plain, a number, a truth value, nothing at
 * all ("null") and lists of them as JSON. What is none of these is omitted. */
tw_status tw_hdf5_read_attributes(int64_t group, const tw_source *source, tw_bundle *bundle);

/* Are the heaps of the file sound that texts of variable length stand in? width: bytes of a size in
 * this file. */
tw_status tw_hdf5_check_heaps(const tw_source *source, size_t width);

/* One entry as an attribute of the root group that Python reads as str, float, int, bool,
 * h5py.Empty or an array of numbers. */
tw_status tw_hdf5_write_attribute(int64_t file, const tw_metadata *entry);

#endif
