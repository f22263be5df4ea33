/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "support/archive.h"

#include <string.h>

#include "support/scratch.h"

static uint32_t checksum(const unsigned char *data, size_t bytes) {
    uint32_t crc = ~0u;
    for (size_t i = 0; i < bytes; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

typedef struct buffer {
    unsigned char bytes[1 << 16];
    size_t used;
} buffer;

static void put(buffer *out, const void *bytes, size_t count) {
    memcpy(out->bytes + out->used, bytes, count);
    out->used += count;
}

static void put_number(buffer *out, uint32_t number, int bytes) {
    for (int i = 0; i < bytes; i++) out->bytes[out->used++] = (unsigned char)(number >> 8 * i);
}

/* The part that local header and directory entry share. */
static void put_facts(buffer *out, const archive_member *m) {
    put_number(out, 20, 2);
    put_number(out, m->flags, 2);
    put_number(out, m->method, 2);
    put_number(out, 0x210000, 4);
    put_number(out, checksum(m->data, m->bytes) ^ (uint32_t)m->wrong_checksum, 4);
    put_number(out, m->claimed_compressed ? m->claimed_compressed : m->bytes, 4);
    put_number(out, m->claimed ? m->claimed : m->bytes, 4);
    put_number(out, (uint32_t)strlen(m->name), 2);
    put_number(out, 0, 2);
}

const char *archive_write(const char *name, size_t count, const archive_member *members) {
    static buffer out;
    size_t offsets[8];
    out.used = 0;
    for (size_t i = 0; i < count; i++) {
        offsets[i] = members[i].shares_data ? 0 : out.used;
        if (members[i].shares_data) continue;
        put_number(&out, 0x04034b50, 4);
        put_facts(&out, &members[i]);
        put(&out, members[i].name, strlen(members[i].name));
        put(&out, members[i].data, members[i].bytes);
    }
    size_t directory = out.used;
    for (size_t i = 0; i < count; i++) {
        put_number(&out, 0x02014b50, 4);
        put_number(&out, 20, 2);
        put_facts(&out, &members[i]);
        for (int k = 0; k < 10; k++) put_number(&out, 0, 1);
        put_number(&out, (uint32_t)offsets[i], 4);
        put(&out, members[i].name, strlen(members[i].name));
    }
    size_t end = out.used;
    put_number(&out, 0x06054b50, 4);
    put_number(&out, 0, 4);
    put_number(&out, (uint32_t)count, 2);
    put_number(&out, (uint32_t)count, 2);
    put_number(&out, (uint32_t)(end - directory), 4);
    put_number(&out, (uint32_t)directory, 4);
    put_number(&out, 0, 2);
    return scratch_write(name, out.bytes, out.used);
}
