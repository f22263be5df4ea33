/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files about HDF5 share: its handles and its sentences, and attributes as metadata. */
#ifndef TW_HDF5_PRIVATE_H
#define TW_HDF5_PRIVATE_H

#include <hdf5.h>
#include <thalweg/files/bundle.h>

#include "files/source_private.h"

/* The caller's own setting for printing errors, put aside while we are at work. */
typedef struct tw_hdf5_printing {
    H5E_auto2_t handler;
    void *data;
} tw_hdf5_printing;

tw_hdf5_printing tw_hdf5_silence(void);
void tw_hdf5_restore(tw_hdf5_printing saved);

/* Any kind of identifier but a file's; a negative one is passed over. */
void tw_hdf5_release(hid_t id);

/* "what: " and the innermost entry of the library's error stack, which tells most. */
tw_status tw_hdf5_fail(tw_status status, const char *what);

/* The order in which things were added to a group, when the file remembers it, else by name. */
H5_index_t tw_hdf5_order(hid_t group, herr_t (*get)(hid_t plan, unsigned *flags));

/* Every attribute of a group becomes metadata: a text plain, a number, a truth value, nothing at
 * all ("null") and lists of them as JSON. What is none of these is omitted. */
tw_status tw_hdf5_read_attributes(hid_t group, const tw_source *source, tw_bundle *bundle);

/* Are the heaps of the file sound that texts of variable length stand in? width: bytes of a size in
 * this file. */
tw_status tw_hdf5_check_heaps(const tw_source *source, size_t width);

/* One entry as an attribute of the root group that Python reads as str, float, int, bool,
 * h5py.Empty or an array of numbers. */
tw_status tw_hdf5_write_attribute(hid_t file, const tw_metadata *entry);

#endif
