/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/version.h>

#define TEXT_OF(number) #number
#define JOINED(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

/* TW_PROJECT_NUMBER: of the build, 10000 major + 100 minor + patch. */
_Static_assert(10000 * TW_VERSION_MAJOR + 100 * TW_VERSION_MINOR + TW_VERSION_PATCH ==
                   TW_PROJECT_NUMBER,
               "meson.build and version.h name one version");

const char *tw_version(void) {
    return JOINED(TW_VERSION_MAJOR, TW_VERSION_MINOR, TW_VERSION_PATCH);
}

bool tw_version_fits(int major, int minor) {
    return major == TW_VERSION_MAJOR && minor == TW_VERSION_MINOR;
}
