/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing HDF5. Files are written as an image in memory, which atomic.c brings to the disk: when
 * the library itself cannot write, it keeps the file open and complains on standard error at exit.
 */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/atomic_private.h"
#include "files/formats_private.h"
#include "files/hdf5_private.h"
#include "files/storage_private.h"
#include "files/text_private.h"

static hid_t type_in_file(tw_element element) {
    const bool wide = element == TW_F64 || element == TW_I64;
    if (element == TW_I32 || element == TW_I64) return wide ? H5T_STD_I64LE : H5T_STD_I32LE;
    return wide ? H5T_IEEE_F64LE : H5T_IEEE_F32LE;
}

static tw_status write_dataset(hid_t file, const tw_array *array) {
    hsize_t dims[TW_ARRAY_MAX_RANK];
    for (size_t i = 0; i < array->rank; i++) dims[i] = array->shape[i];
    if (strchr(array->name, '/') || strcmp(array->name, ".") == 0) {
        return tw_fail(TW_ERR_UNSUPPORTED, "HDF5 has no such names");
    }
    hid_t space =
        array->rank ? H5Screate_simple((int)array->rank, dims, NULL) : H5Screate(H5S_SCALAR);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, false); /* equal bundles give equal files */
    hid_t dataset = H5Dcreate2(file, array->name, type_in_file(array->element), space, H5P_DEFAULT,
                               plan, H5P_DEFAULT);
    herr_t done =
        H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->values);
    tw_status status = done < 0 ? tw_hdf5_fail(TW_ERR_MEMORY, "cannot be packed") : TW_OK;
    tw_hdf5_release(dataset);
    tw_hdf5_release(plan);
    tw_hdf5_release(space);
    return status;
}

static tw_status write_contents(hid_t file, const tw_bundle *bundle) {
    for (size_t i = 0; i < bundle->metadata_count; i++) {
        tw_status status = tw_hdf5_write_attribute(file, &bundle->metadata[i]);
        if (status != TW_OK) return status;
    }
    for (size_t i = 0; i < bundle->array_count; i++) {
        tw_status status = write_dataset(file, &bundle->arrays[i]);
        if (status != TW_OK) return tw_fail_in_array(status, bundle->arrays[i].name);
    }
    return TW_OK;
}

/* An empty file in memory. Its name must differ from those of other threads and of real files. */
static hid_t create_image(void) {
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), plan = H5Pcreate(H5P_FILE_CREATE);
    char name[64];
    snprintf(name, sizeof name, "/dev/null/thalweg-%p", (void *)name);
    H5Pset_fapl_core(access, (size_t)1 << 20, false);
    H5Pset_link_creation_order(plan, order);
    H5Pset_attr_creation_order(plan, order);
    H5Pset_obj_track_times(plan, false);
    hid_t file = H5Fcreate(name, H5F_ACC_TRUNC, plan, access);
    tw_hdf5_release(plan);
    tw_hdf5_release(access);
    return file;
}

static tw_status print_image(const tw_bundle *bundle, char **image, size_t *bytes) {
    tw_status status = TW_OK;
    hid_t file = create_image();
    if (file < 0) return tw_hdf5_fail(TW_ERR_MEMORY, "cannot be packed");
    TW_TRY(write_contents(file, bundle));
    ssize_t size = H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(file, NULL, 0);
    *bytes = size < 0 ? 0 : (size_t)size;
    TW_TRY(TW_NEW(*image, *bytes));
    if (size < 0 || H5Fget_file_image(file, *image, *bytes) != size) {
        status = tw_hdf5_fail(TW_ERR_MEMORY, "cannot be packed");
    }
cleanup:
    H5Fclose(file);
    return status;
}

tw_status tw_hdf5_write(const char *path, const tw_bundle *bundle) {
    char *image = NULL;
    size_t bytes = 0;
    tw_hdf5_printing saved = tw_hdf5_silence();
    tw_status status = tw_bundle_check_writable(bundle);
    if (status == TW_OK) status = print_image(bundle, &image, &bytes);
    status = status == TW_OK ? tw_file_store(path, image, bytes) : tw_fail_in_file(status, path);
    tw_hdf5_restore(saved);
    free(image);
    return status;
}
