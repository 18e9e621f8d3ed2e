// Lua 5.4 and LuaJIT side by side in one process: both export the same symbols, so each is opened with dlopen and
// called through pointers. The program in Lua is a chunk that returns a function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

struct lua_State;

namespace sluice::bench {

enum class LuaKind { lua54, luajit_interpreter, luajit };
[[nodiscard]] const char* name(LuaKind kind);

using LuaFunction = int (*)(lua_State*);

class Lua {
  public:
    struct HostFunction {
        const char* name;  // a global
        LuaFunction function;
    };
    // Ends the program with a message if the library is missing or the chunk is wrong.
    Lua(LuaKind kind, const std::string& text, std::initializer_list<HostFunction> functions = {});
    ~Lua();
    Lua(const Lua&) = delete;
    Lua& operator=(const Lua&) = delete;

    // Calls the function without arguments.
    [[nodiscard]] std::int64_t call_for_integer();
    [[nodiscard]] std::size_t call_for_length();  // of the string that it returns

    // For host functions, while one of these engines runs.
    static void push(lua_State* state, std::string_view text);
    static void push_nil(lua_State* state);
    static void push_table(lua_State* state, int fields);
    // The value on top becomes a field of the table below it.
    static void set_field(lua_State* state, const char* name);
    [[nodiscard]] static std::string_view argument(lua_State* state, int index);

  private:
    struct Library;
    [[nodiscard]] static const Library& library(LuaKind kind);
    void call();

    const Library& library_;
    lua_State* state_;
    int function_;
};

}  // namespace sluice::bench
