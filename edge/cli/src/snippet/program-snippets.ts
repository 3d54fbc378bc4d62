import { askedFor, literal, type SnippetFacts } from './snippet-facts.ts'

/** Python 3 with its standard library alone. */
export const pythonSnippet = (facts: SnippetFacts): string => {
  const [name, value] = askedFor(facts)
  return `import base64, json, os, sys, urllib.parse, urllib.request

# MINTMARK_CLIENT_SECRET holds the secret; keep a token until shortly before it ends
quote = urllib.parse.quote_plus
pair = quote(${literal(facts.clientId)}) + ":" + quote(os.environ["MINTMARK_CLIENT_SECRET"])
form = {"grant_type": "client_credentials", ${literal(name)}: ${literal(value)}}
request = urllib.request.Request(
    ${literal(facts.tokenEndpoint)},
    data=urllib.parse.urlencode(form).encode(),
    headers={"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()},
)
with urllib.request.urlopen(request, timeout=10) as answer:
    token = json.load(answer)["access_token"]

if len(sys.argv) > 1:  # what to call
    call = urllib.request.Request(sys.argv[1], headers={"Authorization": "Bearer " + token})
    with urllib.request.urlopen(call, timeout=10) as answer:
        print(answer.read().decode())
else:
    print(token)
`
}

/** Java 17 with its standard library alone: `java Caller.java`. */
export const javaSnippet = (facts: SnippetFacts): string => {
  const [name, value] = askedFor(facts)
  return `import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

// MINTMARK_CLIENT_SECRET holds the secret; keep a token until shortly before it ends
public class Caller {
  static String quote(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  public static void main(String[] words) throws Exception {
    var secret = System.getenv("MINTMARK_CLIENT_SECRET");
    var pair = quote(${literal(facts.clientId)}) + ":" + quote(secret);
    var basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    var form = "grant_type=client_credentials&${name}=" + quote(${literal(value)});
    var request = HttpRequest.newBuilder(URI.create(${literal(facts.tokenEndpoint)}))
        .header("Authorization", "Basic " + basic)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(form)).build();
    var http = HttpClient.newHttpClient();
    var answer = http.send(request, BodyHandlers.ofString());
    var member = Pattern.compile("\\"access_token\\":\\"([^\\"]+)\\"").matcher(answer.body());
    if (!member.find()) throw new RuntimeException(answer.body());
    if (words.length == 0) System.out.println(member.group(1));
    else {
      var call = HttpRequest.newBuilder(URI.create(words[0])) // what to call
          .header("Authorization", "Bearer " + member.group(1)).build();
      System.out.println(http.send(call, BodyHandlers.ofString()).body());
    }
  }
}
`
}
