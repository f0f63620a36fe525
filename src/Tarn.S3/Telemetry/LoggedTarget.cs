using System.Text;
using Tarn.S3.Routing;

namespace Tarn.S3.Telemetry;

/// <summary>Request targets and URLs as logs show them: nothing in them opens anything.</summary>
internal static class LoggedTarget
{
    /// <summary>Stands for a value that is not shown; OpenTelemetry's instrumentation uses the same word.</summary>
    public const string Withheld = "Redacted";

    /// <summary>The longest name of an unknown parameter that is shown, in characters.</summary>
    private const int MaxName = 64;

    /// <summary>The target of a request.</summary>
    /// <param name="target">As sent.</param>
    /// <param name="known">The parameters whose values are shown; null: the query is withheld.</param>
    public static string Of(string target, KnownParameters? known)
    {
        int mark = target.IndexOf('?', StringComparison.Ordinal);
        string path = mark < 0 ? target : target[..mark];
        string shown = PathOf(path);
        if (mark < 0 || shown.Length < path.Length)
        {
            return shown;
        }

        var text = new StringBuilder(shown).Append('?');
        if (known is null)
        {
            return text.Append(Withheld).ToString();
        }

        bool isFirst = true;
        foreach (string pair in target[(mark + 1)..].Split('&'))
        {
            text.Append(isFirst ? "" : "&");
            isFirst = false;
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? pair : pair[..equals];
            if (known.Contains(name))
            {
                text.Append(pair);
            }
            else if (name.Length <= MaxName && !name.Contains('%', StringComparison.Ordinal))
            {
                // A name that is escaped may hold a whole parameter.
                text.Append(name).Append(equals < 0 ? "" : "=" + Withheld);
            }
            else
            {
                text.Append(Withheld);
            }
        }

        return text.ToString();
    }

    /// <summary>A URL without its query, fragment and, if it is a share link, its token.</summary>
    public static string? WithoutQuery(string? url)
    {
        if (url is null)
        {
            return null;
        }

        int end = url.AsSpan().IndexOfAny('?', '#');
        string path = end < 0 ? url : url[..end];
        string shown = PathOf(path);
        return end < 0 || shown.Length < path.Length ? shown : shown + "?" + Withheld;
    }

    /// <summary>A path without the token of a share link, also where the path is escaped.</summary>
    public static string PathOf(string path)
    {
        string shown = ShareTokens.CutOff(path);
        if (shown.Length < path.Length || !path.Contains('%', StringComparison.Ordinal))
        {
            return shown;
        }

        string plain = Uri.UnescapeDataString(path);
        string cut = ShareTokens.CutOff(plain);
        return cut.Length < plain.Length ? cut : path;
    }
}
