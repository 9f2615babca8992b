// Whether this is compiled under the address sanitizer: GA_ADDRESS_SANITIZER is defined then.
#pragma once

// gcc says so by a macro, clang by a feature.
#if defined(__SANITIZE_ADDRESS__)
#define GA_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GA_ADDRESS_SANITIZER
#endif
#endif
