#include "engine/mail/charset.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <tao/pegtl.hpp>

#include "engine/mail/header_lines.hpp"

namespace sluice::mail {
namespace {

struct Charset {
    std::string_view mail;  // as in mail
    const char* converter;  // for iconv; often the superset programs in fact write
};

// A list of what is allowed: iconv knows some hundred charsets, and the sender would choose which of them runs.
constexpr Charset charsets[] = {
    {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},
    {"iso-8859-1", "WINDOWS-1252"},
    {"latin1", "WINDOWS-1252"},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "ISO-8859-9"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"windows-874", "CP874"},
    {"windows-1250", "WINDOWS-1250"},
    {"windows-1251", "WINDOWS-1251"},
    {"windows-1252", "WINDOWS-1252"},
    {"windows-1253", "WINDOWS-1253"},
    {"windows-1254", "WINDOWS-1254"},
    {"windows-1255", "WINDOWS-1255"},
    {"windows-1256", "WINDOWS-1256"},
    {"windows-1257", "WINDOWS-1257"},
    {"windows-1258", "WINDOWS-1258"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"shift_jis", "CP932"},
    {"euc-jp", "EUC-JP"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"tis-620", "TIS-620"},
};

class Converter {
  public:
    explicit Converter(const char* from) : handle_(iconv_open("UTF-8", from)) {}
    ~Converter() {
        if (ok()) iconv_close(handle_);
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    [[nodiscard]] bool ok() const noexcept { return handle_ != reinterpret_cast<iconv_t>(-1); }

    std::string convert(std::string_view bytes) {
        std::string out;
        char* in = const_cast<char*>(bytes.data());  // iconv's signature; it does not write there
        std::size_t left = bytes.size();
        std::array<char, 4096> block;
        while (left > 0) {
            char* at = block.data();
            std::size_t room = block.size();
            const std::size_t result = iconv(handle_, &in, &left, &at, &room);
            const int error = errno;
            out.append(block.data(), block.size() - room);
            if (result != static_cast<std::size_t>(-1) || error == E2BIG) continue;
            out += "\xEF\xBF\xBD";
            if (error != EILSEQ) break;  // a character is cut off at the end
            ++in;
            --left;
        }
        return out;
    }

  private:
    iconv_t handle_;
};

std::string from_latin1(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xC0 | (code >> 6));
            out += static_cast<char>(0x80 | (code & 0x3F));
        }
    }
    return out;
}

const Charset* find(std::string_view name) {
    const auto* found = std::find_if(std::begin(charsets), std::end(charsets),
                                     [&](const Charset& c) { return equal_names(c.mail, name); });
    return found == std::end(charsets) ? nullptr : found;
}

}  // namespace

bool is_utf8(std::string_view bytes) noexcept {
    namespace pegtl = tao::pegtl;
    pegtl::memory_input<pegtl::tracking_mode::lazy> in(bytes.data(), bytes.size(), "");
    return pegtl::parse<pegtl::seq<pegtl::star<pegtl::utf8::any>, pegtl::eof>>(in);
}

std::string to_utf8(std::string_view bytes, std::string_view charset) {
    if (const Charset* known = find(charset)) {
        Converter converter(known->converter);
        if (converter.ok()) {
            std::string text = converter.convert(bytes);
            if (is_utf8(text)) return text;
        }
    }
    return is_utf8(bytes) ? std::string(bytes) : from_latin1(bytes);
}

}  // namespace sluice::mail
