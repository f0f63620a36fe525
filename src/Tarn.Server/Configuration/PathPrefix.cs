using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Tarn.Server.Configuration;

/// <summary>The path prefix of a server behind a proxy that serves other servers too.</summary>
internal static class PathPrefix
{
    // Characters that need no escaping in a path, so that a prefix can be written in one way only.
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>Parses a path of one or more names and drops slashes at its end. False for a path that URL parsers could read differently.</summary>
    /// <param name="prefix">Empty for none.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? prefix)
    {
        string path = text.TrimEnd('/');
        bool isGood = text.Length == 0
            || (text[0] == '/' && !path.AsSpan().ContainsAnyExcept(Allowed)
                && path.Split('/').Skip(1).All(static name => name is not ("" or "." or "..")));
        prefix = isGood ? path : null;
        return isGood;
    }

    /// <summary>Removes the prefix from a request target; false if the target does not begin with it.</summary>
    /// <param name="target">Origin form, or absolute form.</param>
    public static bool TryStrip(string target, string prefix, [NotNullWhen(true)] out string? rest)
    {
        rest = null;
        int path = PathStart(target);
        if (prefix.Length == 0 || path < 0 || !target.AsSpan(path).StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        ReadOnlySpan<char> after = target.AsSpan(path + prefix.Length);
        if (after.Length > 0 && after[0] is not ('/' or '?'))
        {
            return false;
        }

        rest = after.StartsWith("/") ? after.ToString() : string.Concat("/", after);
        return true;
    }

    private static int PathStart(string target)
    {
        if (target.StartsWith('/'))
        {
            return 0;
        }

        int scheme = target.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 ? -1 : target.IndexOf('/', scheme + 3);
    }
}
