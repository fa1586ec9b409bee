# The receipt of a probe, one line of JSON.

FILENAME ~ /\/changes$/ { changed = changed "" (changed == "" ? "" : ",") quote($2) }

FILENAME ~ /\/warnings$/ { told = told "" (told == "" ? "" : ",") "{\"code\":" quote($1) ",\"text\":" quote($2) "}" }

END {
	print "{\"protocol\":1,\"host\":" quote(host) ",\"changed\":" (changed == "" ? "false" : "true") ",\"port\":" port + 0 ",\"place\":" quote(place) \
		",\"since\":" (since == "" ? "null" : quote(since)) ",\"state\":" quote(state) ",\"listener\":" quote(listener) (collector == "" ? "" : ",\"collector\":" quote(collector)) ",\"warnings\":[" told "]}"
}
