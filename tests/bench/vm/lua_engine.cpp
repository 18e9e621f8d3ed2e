#include "lua_engine.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace sluice::bench {

struct Lua::Library {
    bool is_54;
    int registry;  // LUA_REGISTRYINDEX
    lua_State* (*newstate)();
    void (*openlibs)(lua_State*);
    void (*close)(lua_State*);
    int (*loadstring)(lua_State*, const char*);
    int (*pcall)(lua_State*, int, int, int);                         // 5.1
    int (*pcallk)(lua_State*, int, int, int, std::intptr_t, void*);  // 5.4
    std::int64_t (*tointeger54)(lua_State*, int, int*);
    std::ptrdiff_t (*tointeger51)(lua_State*, int);
    const char* (*tolstring)(lua_State*, int, std::size_t*);
    void (*settop)(lua_State*, int);
    int (*ref)(lua_State*, int);
    int (*rawgeti54)(lua_State*, int, std::int64_t);
    void (*rawgeti51)(lua_State*, int, int);
    void (*pushlstring)(lua_State*, const char*, std::size_t);
    void (*pushnil)(lua_State*);
    void (*pushcclosure)(lua_State*, LuaFunction, int);
    void (*createtable)(lua_State*, int, int);
    void (*setfield)(lua_State*, int, const char*);
    void (*pushvalue)(lua_State*, int);
};

namespace {

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}

template <class F>
void load(void* handle, const char* symbol, F& pointer) {
    pointer = reinterpret_cast<F>(dlsym(handle, symbol));
    if (!pointer) fail(std::string("no symbol ") + symbol);
}

}  // namespace

const char* name(LuaKind kind) {
    switch (kind) {
        case LuaKind::lua54: return "lua54";
        case LuaKind::luajit_interpreter: return "luajit_joff";
        default: return "luajit";
    }
}

const Lua::Library& Lua::library(LuaKind kind) {
    const auto open = [](const char* file, bool is_54) {
        Library l{};
        void* handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
        if (!handle) fail(dlerror());
        l.is_54 = is_54;
        l.registry = is_54 ? -1001000 : -10000;
        load(handle, "luaL_newstate", l.newstate);
        load(handle, "luaL_openlibs", l.openlibs);
        load(handle, "lua_close", l.close);
        load(handle, "luaL_loadstring", l.loadstring);
        load(handle, "lua_tolstring", l.tolstring);
        load(handle, "lua_settop", l.settop);
        load(handle, "luaL_ref", l.ref);
        load(handle, "lua_pushlstring", l.pushlstring);
        load(handle, "lua_pushnil", l.pushnil);
        load(handle, "lua_pushcclosure", l.pushcclosure);
        load(handle, "lua_createtable", l.createtable);
        load(handle, "lua_setfield", l.setfield);
        load(handle, "lua_pushvalue", l.pushvalue);
        if (is_54) {
            load(handle, "lua_pcallk", l.pcallk);
            load(handle, "lua_tointegerx", l.tointeger54);
            load(handle, "lua_rawgeti", l.rawgeti54);
        } else {
            load(handle, "lua_pcall", l.pcall);
            load(handle, "lua_tointeger", l.tointeger51);
            load(handle, "lua_rawgeti", l.rawgeti51);
        }
        return l;
    };
    static const Library lua54 = open("liblua5.4.so.0", true);
    static const Library luajit = open("libluajit-5.1.so.2", false);
    return kind == LuaKind::lua54 ? lua54 : luajit;
}

namespace {
const void* running = nullptr;  // library of the engine that was called last, for its host functions
}

Lua::Lua(LuaKind kind, const std::string& text, std::initializer_list<HostFunction> functions)
    : library_(library(kind)), state_(library_.newstate()) {
    const auto& l = library_;
    running = &l;
    l.openlibs(state_);
    const int globals = -10002;  // LUA_GLOBALSINDEX of 5.1; 5.4 keeps its table in the registry under 2
    for (const auto& f : functions) {
        if (l.is_54)
            l.rawgeti54(state_, l.registry, 2);
        else
            l.pushvalue(state_, globals);
        l.pushcclosure(state_, f.function, 0);
        l.setfield(state_, -2, f.name);
        l.settop(state_, -2);
    }
    std::string chunk = text;
    if (kind == LuaKind::luajit_interpreter) chunk = "jit.off()\n" + chunk;
    const auto run = [&](int arguments, int results) {
        return l.is_54 ? l.pcallk(state_, arguments, results, 0, 0, nullptr) : l.pcall(state_, arguments, results, 0);
    };
    if (l.loadstring(state_, chunk.c_str()) != 0 || run(0, 1) != 0)
        fail(std::string(name(kind)) + ": " + l.tolstring(state_, -1, nullptr));
    function_ = l.ref(state_, l.registry);
}

Lua::~Lua() { library_.close(state_); }

void Lua::call() {
    const auto& l = library_;
    running = &l;
    if (l.is_54)
        l.rawgeti54(state_, l.registry, function_);
    else
        l.rawgeti51(state_, l.registry, function_);
    const int failed = l.is_54 ? l.pcallk(state_, 0, 1, 0, 0, nullptr) : l.pcall(state_, 0, 1, 0);
    if (failed) fail(std::string("Lua: ") + l.tolstring(state_, -1, nullptr));
}

std::int64_t Lua::call_for_integer() {
    call();
    const auto value = library_.is_54 ? library_.tointeger54(state_, -1, nullptr) : library_.tointeger51(state_, -1);
    library_.settop(state_, -2);
    return value;
}

std::size_t Lua::call_for_length() {
    call();
    std::size_t size = 0;
    (void)library_.tolstring(state_, -1, &size);
    library_.settop(state_, -2);
    return size;
}

void Lua::push(lua_State* state, std::string_view text) {
    static_cast<const Library*>(running)->pushlstring(state, text.data(), text.size());
}

void Lua::push_table(lua_State* state, int fields) {
    static_cast<const Library*>(running)->createtable(state, 0, fields);
}

void Lua::set_field(lua_State* state, const char* name) {
    static_cast<const Library*>(running)->setfield(state, -2, name);
}

void Lua::push_nil(lua_State* state) { static_cast<const Library*>(running)->pushnil(state); }

std::string_view Lua::argument(lua_State* state, int index) {
    std::size_t size = 0;
    const char* text = static_cast<const Library*>(running)->tolstring(state, index, &size);
    return {text, size};
}

}  // namespace sluice::bench
