// The one translation unit that compiles the fmt library. All others include <fmt/core.h> or
// <fmt/format.h> and find its functions here, so the program needs no libfmt.so when it starts.
//
// The explicit instantiations are those of fmt's own src/format.cc; they differ between versions.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

template FMT_API auto dragonbox::to_decimal(float x) noexcept -> dragonbox::decimal_fp<float>;
template FMT_API auto dragonbox::to_decimal(double x) noexcept -> dragonbox::decimal_fp<double>;

#if FMT_VERSION < 100000 && !defined(FMT_STATIC_THOUSANDS_SEPARATOR)
template FMT_API locale_ref::locale_ref(const std::locale& loc);
template FMT_API auto locale_ref::get<std::locale>() const -> std::locale;
#elif FMT_VERSION >= 100000 && (!defined(FMT_USE_LOCALE) || FMT_USE_LOCALE)
#if FMT_VERSION < 110000
template FMT_API locale_ref::locale_ref(const std::locale& loc);
#endif
template FMT_API auto locale_ref::get<std::locale>() const -> std::locale;
#endif

template FMT_API auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template FMT_API auto decimal_point_impl(locale_ref) -> char;
template FMT_API void buffer<char>::append(const char*, const char*);
#if FMT_VERSION < 110000
template FMT_API void vformat_to(buffer<char>&, string_view, basic_format_args<FMT_BUFFER_CONTEXT(char)>, locale_ref);
#endif

template FMT_API auto thousands_sep_impl(locale_ref) -> thousands_sep_result<wchar_t>;
template FMT_API auto decimal_point_impl(locale_ref) -> wchar_t;
template FMT_API void buffer<wchar_t>::append(const wchar_t*, const wchar_t*);

}  // namespace detail
FMT_END_NAMESPACE
