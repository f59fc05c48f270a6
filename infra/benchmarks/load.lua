-- wrk's script for every figure and for the no-op alike: sends the requests of a file, one per line
-- (method TAB path TAB token TAB key TAB body), and counts the answers of the wanted statuses only.
-- Arguments: FILE WANTED[,WANTED...] once|again THREADS PACE ("once": stop when the file is used up; PACE: requests a second
-- that are offered whatever comes back, as far as there are connections for them; 0: each connection asks as soon as it was told).
local ffi = require("ffi")
ffi.cdef[[
typedef struct { long seconds; long nanoseconds; } instant;
int clock_gettime(int which, instant *at);
int getpid(void);
int kill(int process, int signal);
]]
local MONOTONIC, SIGINT = 1, 2
local instant = ffi.new("instant")

local function now()
    ffi.C.clock_gettime(MONOTONIC, instant)
    return tonumber(instant.seconds) + tonumber(instant.nanoseconds) / 1e9
end

local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

local requests = {}
local wanted_statuses, once = {}, false
local at, answers = 0, 0
wanted, others, unavailable, first, last = 0, 0, 0, 0, 0

function init(arguments)
    local count = tonumber(arguments[4])
    for status in arguments[2]:gmatch("%d+") do wanted_statuses[tonumber(status)] = true end
    once = arguments[3] == "once"
    if tonumber(arguments[5]) > 0 then keep_pace(count / tonumber(arguments[5])) end
    local line_number = 0
    for line in io.lines(arguments[1]) do
        if line_number % count == number then
            local method, path, token, key, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
            local headers = { ["Accept-Encoding"] = "gzip" }
            if token ~= "" then headers["Authorization"] = "Bearer " .. token end
            if key ~= "" then headers["Idempotency-Key"] = key end
            if body ~= "" then headers["Content-Type"] = "application/json" end
            table.insert(requests, wrk.format(method, path, headers, body ~= "" and body or nil))
        end
        line_number = line_number + 1
    end
end

-- wrk asks `delay`, where there is one, before every request: how many milliseconds its connection is to wait.
function keep_pace(interval)
    local due = now()
    function delay()
        due = due + interval
        return math.max(0, math.floor((due - now()) * 1000))
    end
end

function request()
    if at == 0 then first = now() end
    at = at + 1
    return requests[(at - 1) % #requests + 1]
end

function response(status)
    if wanted_statuses[status] then
        wanted = wanted + 1
        last = now()
    elseif status == 503 or status == 429 then
        unavailable = unavailable + 1
    else
        others = others + 1
    end
    answers = answers + 1
    if once and answers == #requests then ffi.C.kill(ffi.C.getpid(), SIGINT) end -- wrk ends early and reports, as for Ctrl-C
end

function done(summary, latency)
    local totals = { wanted = 0, others = 0, unavailable = 0 }
    local began, ended = math.huge, 0
    for _, thread in ipairs(threads) do
        for name, sum in pairs(totals) do totals[name] = sum + thread:get(name) end
        began, ended = math.min(began, thread:get("first")), math.max(ended, thread:get("last"))
    end
    local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    io.write(string.format(
        '{"wanted":%d,"others":%d,"unavailable":%d,"broken":%d,"seconds":%.4f,"ended_at":%.4f,"p50_ms":%.2f,"p95_ms":%.2f,"p99_ms":%.2f}\n',
        totals.wanted, totals.others, totals.unavailable, broken, ended - began, ended,
        latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
