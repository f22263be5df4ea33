/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of files become doubles in chunks that fit the first-level cache: read, swap, widen, scan
 * for what is not finite. One indirect call a chunk, none an element. */
#include "files/storage_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/text_private.h"

#define INTEGER_LIMIT (INT64_C(1) << 53)

static const bool machine_is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

static double half_to_double(uint16_t bits) {
    unsigned exponent = bits >> 10 & 31, fraction = bits & 1023;
    double magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                       : exponent == 0 ? ldexp(fraction, -24)
                                       : ldexp(1024 + fraction, (int)exponent - 25);
    return bits >> 15 ? -magnitude : magnitude;
}

static void widen_f16(const unsigned char *raw, size_t count, double *values) {
    for (size_t i = 0; i < count; i++) {
        uint16_t bits;
        memcpy(&bits, raw + i * sizeof bits, sizeof bits);
        values[i] = half_to_double(bits);
    }
}

/* bfloat16 is the upper half of a float32. */
static void widen_bf16(const unsigned char *raw, size_t count, double *values) {
    for (size_t i = 0; i < count; i++) {
        uint16_t bits;
        memcpy(&bits, raw + i * sizeof bits, sizeof bits);
        uint32_t wide = (uint32_t)bits << 16;
        float value;
        memcpy(&value, &wide, sizeof value);
        values[i] = value;
    }
}

static void widen_f32(const unsigned char *raw, size_t count, double *values) {
    for (size_t i = 0; i < count; i++) {
        float value;
        memcpy(&value, raw + i * sizeof value, sizeof value);
        values[i] = value;
    }
}

static void widen_f64(const unsigned char *raw, size_t count, double *values) {
    memcpy(values, raw, count * sizeof *values);
}

/* Integers that double holds, one function a type of C. */
#define WIDEN(name, type)                                                                          \
    static void name(const unsigned char *raw, size_t count, double *values) {                     \
        for (size_t i = 0; i < count; i++) {                                                       \
            type value;                                                                            \
            memcpy(&value, raw + i * sizeof value, sizeof value);                                  \
            values[i] = value;                                                                     \
        }                                                                                          \
    }

WIDEN(widen_i8, int8_t)
WIDEN(widen_u8, uint8_t)
WIDEN(widen_i16, int16_t)
WIDEN(widen_u16, uint16_t)
WIDEN(widen_u32, uint32_t)
WIDEN(widen_i32, int32_t)
#undef WIDEN

static void widen_i64(const unsigned char *raw, size_t count, double *values) {
    for (size_t i = 0; i < count; i++) {
        int64_t value;
        memcpy(&value, raw + i * sizeof value, sizeof value);
        bool exact = value >= -INTEGER_LIMIT && value <= INTEGER_LIMIT;
        values[i] = exact ? (double)value : NAN;
    }
}

static void widen_u64(const unsigned char *raw, size_t count, double *values) {
    for (size_t i = 0; i < count; i++) {
        uint64_t value;
        memcpy(&value, raw + i * sizeof value, sizeof value);
        values[i] = value <= (uint64_t)INTEGER_LIMIT ? (double)value : NAN;
    }
}

/* For each element type the first row is the one that is written. */
static const tw_storage storages[] = {
    {"F32", "f4", 4, TW_F32, widen_f32}, {"F64", "f8", 8, TW_F64, widen_f64},
    {"I32", "i4", 4, TW_I32, widen_i32}, {"I64", "i8", 8, TW_I64, widen_i64},
    {"F16", "f2", 2, TW_F32, widen_f16}, {"BF16", NULL, 2, TW_F32, widen_bf16},
    {"BOOL", "b1", 1, TW_I32, widen_u8}, {"U8", "u1", 1, TW_I32, widen_u8},
    {"I8", "i1", 1, TW_I32, widen_i8},   {"I16", "i2", 2, TW_I32, widen_i16},
    {"U16", "u2", 2, TW_I32, widen_u16}, {"U32", "u4", 4, TW_I64, widen_u32},
    {"U64", "u8", 8, TW_I64, widen_u64},
};

enum { STORAGES = sizeof storages / sizeof storages[0] };

const tw_storage *tw_storage_named(const char *name) {
    for (size_t i = 0; i < STORAGES; i++) {
        if (strcmp(storages[i].name, name) == 0) return &storages[i];
    }
    return NULL;
}

const tw_storage *tw_storage_npy(const char *name) {
    for (size_t i = 0; i < STORAGES; i++) {
        if (storages[i].npy && strcmp(storages[i].npy, name) == 0) return &storages[i];
    }
    return NULL;
}

const tw_storage *tw_storage_of(tw_element element) {
    size_t i = 0;
    while (i + 1 < STORAGES && storages[i].element != element) i++;
    return &storages[i];
}

static void swap_bytes(unsigned char *raw, size_t count, size_t bytes) {
    for (size_t i = 0; i < count; i++) {
        unsigned char *low = raw + i * bytes, *high = low + bytes - 1;
        while (low < high) {
            unsigned char byte = *low;
            *low++ = *high;
            *high-- = byte;
        }
    }
}

/* Index of the first value that is not finite, or count. The first loop has no early exit so that
 * it vectorises. */
static size_t find_not_finite(const double *values, size_t count) {
    int bad = 0;
    for (size_t i = 0; i < count; i++) bad |= !(fabs(values[i]) <= DBL_MAX);
    if (!bad) return count;
    size_t i = 0;
    while (isfinite(values[i])) i++;
    return i;
}

/* "[1, 3]": the multi-index of an element. */
static void print_index(const tw_array *array, size_t index, char *room, size_t bytes) {
    size_t indices[TW_ARRAY_MAX_RANK], used = 1;
    for (size_t k = array->rank; k-- > 0; index /= array->shape[k]) {
        indices[k] = index % array->shape[k];
    }
    snprintf(room, bytes, "[");
    for (size_t k = 0; k < array->rank && used < bytes; k++) {
        used += (size_t)snprintf(room + used, bytes - used, k ? ", %zu" : "%zu", indices[k]);
    }
    if (used < bytes) snprintf(room + used, bytes - used, "]");
}

enum { INDEX_BYTES = 24 * TW_ARRAY_MAX_RANK };

static tw_status fail_value(const tw_array *array, size_t index, double value) {
    char where[INDEX_BYTES];
    print_index(array, index, where, sizeof where);
    return tw_fail(TW_ERR_DATA, "element %s is %g", where, value);
}

static tw_status fail_integer(const tw_array *array, size_t index, int64_t value) {
    char where[INDEX_BYTES];
    print_index(array, index, where, sizeof where);
    return tw_fail(TW_ERR_DATA, "element %s is %lld, beyond 2^53", where, (long long)value);
}

static tw_status fail_unsigned(const tw_array *array, size_t index, uint64_t value) {
    char where[INDEX_BYTES];
    print_index(array, index, where, sizeof where);
    return tw_fail(TW_ERR_DATA, "element %s is %llu, beyond 2^53", where,
                   (unsigned long long)value);
}

/* Where the next elements of a Fortran-ordered file go: an odometer over the indices, the first
 * turning fastest, with the offset that it stands for. */
typedef struct odometer {
    size_t index[TW_ARRAY_MAX_RANK];
    size_t stride[TW_ARRAY_MAX_RANK];
    size_t offset;
} odometer;

static void odometer_init(odometer *meter, const tw_array *array) {
    size_t stride = 1;
    *meter = (odometer){0};
    for (size_t k = array->rank; k-- > 0; stride *= array->shape[k]) meter->stride[k] = stride;
}

static void odometer_step(odometer *meter, const tw_array *array) {
    for (size_t k = 0; k < array->rank; k++) {
        meter->offset += meter->stride[k];
        if (++meter->index[k] < array->shape[k]) return;
        meter->offset -= meter->stride[k] * array->shape[k];
        meter->index[k] = 0;
    }
}

/* The raw number behind a refused value says more than the NaN that stands for a wide integer. */
static tw_status fail_raw(const tw_array *array, const tw_stored *stored, size_t index,
                          const unsigned char *raw, double value) {
    int64_t integer;
    if (stored->storage->element != TW_I64) return fail_value(array, index, value);
    memcpy(&integer, raw, sizeof integer);
    bool beyond = stored->storage->widen == widen_u64 && integer < 0;
    return beyond ? fail_unsigned(array, index, (uint64_t)integer)
                  : fail_integer(array, index, integer);
}

static tw_status load_in_c_order(tw_array *array, const tw_stored *stored,
                                 const tw_stream *stream) {
    unsigned char raw[TW_CHUNK_BYTES];
    size_t bytes = stored->storage->bytes, most = sizeof raw / bytes;
    for (size_t done = 0, count; done < stored->length; done += count) {
        count = stored->length - done < most ? stored->length - done : most;
        tw_status status = stream->read(stream->self, raw, count * bytes);
        if (status != TW_OK) return status;
        if (stored->big_endian != machine_is_big) swap_bytes(raw, count, bytes);
        stored->storage->widen(raw, count, array->values + done);
        size_t bad = find_not_finite(array->values + done, count);
        if (bad == count) continue;
        return fail_raw(array, stored, done + bad, raw + bad * bytes, array->values[done + bad]);
    }
    return TW_OK;
}

static tw_status load_in_fortran_order(tw_array *array, const tw_stored *stored,
                                       const tw_stream *stream) {
    unsigned char raw[TW_CHUNK_BYTES];
    double values[TW_CHUNK_BYTES / 8];
    size_t bytes = stored->storage->bytes, most = TW_CHUNK_BYTES / 8;
    odometer meter;
    odometer_init(&meter, array);
    for (size_t done = 0, count; done < stored->length; done += count) {
        count = stored->length - done < most ? stored->length - done : most;
        tw_status status = stream->read(stream->self, raw, count * bytes);
        if (status != TW_OK) return status;
        if (stored->big_endian != machine_is_big) swap_bytes(raw, count, bytes);
        stored->storage->widen(raw, count, values);
        size_t good = find_not_finite(values, count);
        for (size_t i = 0; i < good; i++) {
            array->values[meter.offset] = values[i];
            odometer_step(&meter, array);
        }
        if (good == count) continue;
        return fail_raw(array, stored, meter.offset, raw + good * bytes, values[good]);
    }
    return TW_OK;
}

tw_status tw_array_load(tw_array *array, const tw_stored *stored, const tw_stream *stream) {
    return stored->fortran_order ? load_in_fortran_order(array, stored, stream)
                                 : load_in_c_order(array, stored, stream);
}

tw_status tw_array_from_fortran(tw_array *array) {
    odometer meter;
    double *moved = NULL;
    size_t length = tw_array_length(array);
    tw_status status = TW_NEW(moved, length);
    if (status != TW_OK) return status;
    odometer_init(&meter, array);
    for (size_t i = 0; i < length; i++) {
        moved[meter.offset] = array->values[i];
        odometer_step(&meter, array);
    }
    free(array->values);
    array->values = moved;
    return TW_OK;
}

tw_status tw_array_check_finite(const tw_array *array) {
    size_t length = tw_array_length(array);
    size_t bad = find_not_finite(array->values, length);
    return bad == length ? TW_OK : fail_value(array, bad, array->values[bad]);
}

tw_status tw_array_from_integers(tw_array *array) {
    size_t length = tw_array_length(array);
    for (size_t i = 0; i < length; i++) {
        int64_t integer;
        memcpy(&integer, &array->values[i], sizeof integer);
        if (integer < -INTEGER_LIMIT || integer > INTEGER_LIMIT) {
            return fail_integer(array, i, integer);
        }
        array->values[i] = (double)integer;
    }
    return TW_OK;
}

/* Greatest magnitude of each element type; for float32 all that rounds to a finite number. */
static double element_limit(tw_element element) {
    switch (element) {
    case TW_F32:
        return nextafter(0x1.ffffffp127, 0);
    case TW_I32:
        return INT32_MAX; /* INT32_MIN apart */
    case TW_I64:
        return (double)INTEGER_LIMIT;
    default:
        return DBL_MAX;
    }
}

static tw_status check_writable(const tw_array *array) {
    size_t length = tw_array_length(array);
    bool whole = array->element == TW_I32 || array->element == TW_I64;
    double limit = element_limit(array->element);
    tw_status status = tw_array_check_finite(array);
    if (status != TW_OK) return status;
    for (size_t i = 0; i < length; i++) {
        double value = array->values[i];
        bool fits = fabs(value) <= limit || (array->element == TW_I32 && value == INT32_MIN);
        if (fits && (!whole || value == trunc(value))) continue;
        char where[INDEX_BYTES];
        print_index(array, i, where, sizeof where);
        return tw_fail(TW_ERR_DATA, "element %s is %.17g and has no place in %s", where, value,
                       tw_storage_of(array->element)->name);
    }
    return TW_OK;
}

tw_status tw_bundle_check_writable(const tw_bundle *bundle) {
    if (bundle->array_count == 0) return tw_fail(TW_ERR_ARGUMENT, "there are no arrays to write");
    for (size_t i = 0; i < bundle->array_count; i++) {
        tw_status status = check_writable(&bundle->arrays[i]);
        if (status != TW_OK) return tw_fail_in_array(status, bundle->arrays[i].name);
    }
    return TW_OK;
}

void tw_array_encode(const tw_array *array, size_t first, size_t count, unsigned char *raw) {
    const double *values = array->values + first;
    size_t bytes = tw_storage_of(array->element)->bytes;
    for (size_t i = 0; i < count; i++) {
        unsigned char *to = raw + i * bytes;
        if (array->element == TW_F64) {
            memcpy(to, &values[i], sizeof values[i]);
        } else if (array->element == TW_F32) {
            memcpy(to, &(float){(float)values[i]}, sizeof(float));
        } else if (array->element == TW_I32) {
            memcpy(to, &(int32_t){(int32_t)values[i]}, sizeof(int32_t));
        } else {
            memcpy(to, &(int64_t){(int64_t)values[i]}, sizeof(int64_t));
        }
    }
    if (machine_is_big) swap_bytes(raw, count, bytes);
}
