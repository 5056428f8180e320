// What the public headers share: the mark of an exported name, and the inline namespace that tells
// one version of the binary interface from the next. Everything in it is what libisobar.so exports,
// and nothing else (src/api/exports.map). docs/RELEASE.md says what stays compatible with what.
#pragma once

#if defined(__GNUC__)
#define ISOBAR_API __attribute__((visibility("default")))
#else
#define ISOBAR_API
#endif
