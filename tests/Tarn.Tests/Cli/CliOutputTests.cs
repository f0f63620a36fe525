using System.Text.Json;
using Tarn.Server.Cli;

namespace Tarn.Tests.Cli;

/// <summary>What commands print of values that others chose.</summary>
public sealed class CliOutputTests
{
    private const string Hostile = "\u001b]0;owned\u0007\u009b2J\r\n";
    private const string Escaped = @"\u001b]0;owned\u0007\u009b2J\u000d\u000a";

    [Fact]
    public void A_terminal_obeys_nothing_that_is_in_a_value()
    {
        JsonElement item = JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["key"] = Hostile, ["tags"] = new[] { Hostile, "b" } });
        Assert.Equal($"KEY{new string(' ', Escaped.Length - 3)}  TAGS\n{Escaped}  {Escaped},b\n", Print(output => output.List([item], "key", "tags")));
        Assert.Equal($"key   {Escaped}\ntags  {Escaped},b\n", Print(output => output.Show(item)));
        Assert.Equal($"deleted {Escaped}\nwarning: {Escaped}\n", Print(output => output.Done("deleted", Hostile, [Hostile])));
    }

    private static string Print(Action<CliOutput> print)
    {
        using var text = new StringWriter { NewLine = "\n" };
        print(new CliOutput(text, isJson: false));
        return text.ToString();
    }
}
