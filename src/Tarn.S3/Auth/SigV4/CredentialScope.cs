namespace Tarn.S3.Auth.SigV4;

/// <summary>A credential string taken apart: key id/yyyyMMdd/region/service/aws4_request.</summary>
internal readonly ref struct CredentialScope
{
    private CredentialScope(ReadOnlySpan<char> credential, scoped ReadOnlySpan<Range> parts)
    {
        AccessKeyId = credential[parts[0]];
        Date = credential[parts[1]];
        Region = credential[parts[2]];
        Service = credential[parts[3]];
        Terminator = credential[parts[4]];
        ScopeText = credential[parts[1].Start..];
    }

    public ReadOnlySpan<char> AccessKeyId { get; }

    public ReadOnlySpan<char> Date { get; }

    public ReadOnlySpan<char> Region { get; }

    public ReadOnlySpan<char> Service { get; }

    public ReadOnlySpan<char> Terminator { get; }

    /// <summary>Everything after the key id, as in the string to sign.</summary>
    public ReadOnlySpan<char> ScopeText { get; }

    /// <summary>Splits from the right, because a key id may itself hold a slash; false when parts are missing.</summary>
    public static bool TryParse(ReadOnlySpan<char> credential, out CredentialScope scope)
    {
        scope = default;
        Span<Range> parts = stackalloc Range[5];
        var end = credential.Length;
        for (var i = 4; i > 0; i--)
        {
            var slash = credential[..end].LastIndexOf('/');
            if (slash < 0)
            {
                return false;
            }

            parts[i] = (slash + 1)..end;
            end = slash;
        }

        parts[0] = ..end;
        if (end == 0)
        {
            return false;
        }

        scope = new CredentialScope(credential, parts);
        return true;
    }
}
