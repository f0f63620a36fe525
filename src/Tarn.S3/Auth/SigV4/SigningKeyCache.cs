using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tarn.Core.Identity;

namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// Derived signing keys by credential string (key id/date/region/service/aws4_request), so that four of the five HMACs of
/// a verification happen once a day. Bounded: only verified credentials are added, and a full cache is cleared.
/// </summary>
internal sealed class SigningKeyCache(int capacity = 4096)
{
    private readonly ConcurrentDictionary<string, SigningKey> _keys = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Finds the cached key of a credential string, without allocating.</summary>
    public SigningKey? Find(ReadOnlySpan<char> credential) =>
        _keys.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(credential, out var key) ? key : null;

    /// <summary>Remembers a key whose signature was verified.</summary>
    public void Add(ReadOnlySpan<char> credential, SigningKey key)
    {
        if (Interlocked.Increment(ref _count) > capacity)
        {
            _keys.Clear();
            Interlocked.Exchange(ref _count, 1);
        }

        _keys[credential.ToString()] = key;
    }
}

/// <summary>One derived key and what it was derived from.</summary>
/// <param name="AccessKeyId">Access key id.</param>
/// <param name="SecretKey">The secret it was derived from; after a change of the secret it is derived again.</param>
/// <param name="Scope">date/region/service/aws4_request.</param>
/// <param name="Key">32 bytes.</param>
internal sealed record SigningKey(string AccessKeyId, string SecretKey, string Scope, byte[] Key)
{
    public static SigningKey Derive(Credential credential, CredentialScope scope) => new(
        credential.AccessKeyId,
        credential.SecretKey,
        scope.ScopeText.ToString(),
        SigV4Signer.DeriveKey(credential.SecretKey, scope.Date, scope.Region, scope.Service));

    private IncrementalHash? _idle;

    /// <summary>Whether <paramref name="signature"/> (hex, as sent) signs the string.</summary>
    public bool Verify(ReadOnlySpan<byte> stringToSign, ReadOnlySpan<char> signature)
    {
        // Reusing a keyed hash costs half of creating one; a thread that finds the slot empty creates another.
        var hash = Interlocked.Exchange(ref _idle, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Key);
        Span<byte> expected = stackalloc byte[SigV4Signer.KeySize];
        hash.AppendData(stringToSign);
        hash.GetHashAndReset(expected);
        Interlocked.Exchange(ref _idle, hash)?.Dispose();
        return SigV4Signer.Matches(expected, signature);
    }

    /// <summary>Omits the secret and the key.</summary>
    public override string ToString() => $"SigningKey {{ AccessKeyId = {AccessKeyId}, Scope = {Scope} }}";
}
