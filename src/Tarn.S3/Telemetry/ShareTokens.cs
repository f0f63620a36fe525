namespace Tarn.S3.Telemetry;

/// <summary>Keeps the tokens of share links out of logs and spans: anyone who reads a token can open its link.</summary>
/// <remarks>A link opened under a host that is not that of share links is an S3 request, for the key <c>shared/TOKEN</c> of the bucket <c>api</c>.</remarks>
public static class ShareTokens
{
    /// <summary>The prefix of a link's path, before the token.</summary>
    public const string Path = "/api/shared/";

    /// <summary>Cuts the token off a path, an ARN or a <c>bucket/key</c>; returns any other text as it is.</summary>
    public static string CutOff(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ReadOnlySpan<char> prefix = Path.AsSpan(1);
        for (int from = 0; text.AsSpan(from).IndexOf(prefix, StringComparison.OrdinalIgnoreCase) is >= 0 and int found; from += found + 1)
        {
            int at = from + found;
            if (at == 0 || text[at - 1] is '/' or ':')
            {
                return text[..(at + prefix.Length)];
            }
        }

        return text;
    }
}
