using System.Text;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth.Bodies;

/// <summary>The lines after the last chunk: the trailing headers that were announced, then their signature, then an empty line.</summary>
/// <param name="announced">Lower-case names from x-amz-trailer.</param>
/// <param name="chain">Verifies the trailer's signature; null when the trailer is not signed.</param>
internal sealed class TrailerSection(IReadOnlyCollection<string> announced, ChunkSignatureChain? chain)
{
    private const string SignatureName = "x-amz-trailer-signature";

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly StringBuilder _canonical = new();
    private bool _signatureSeen;

    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Adds one line; true when it is the empty line that ends the section.</summary>
    public bool Take(string line)
    {
        if (line.Length == 0)
        {
            // S3's own example leaves an empty line between the trailing headers and their signature.
            if (chain is not null && !_signatureSeen && _values.Count > 0)
            {
                return false;
            }

            Finish();
            return true;
        }

        var colon = line.IndexOf(':');
        if (colon <= 0 || _signatureSeen)
        {
            throw AwsChunkedErrors.MalformedTrailer();
        }

        var name = line[..colon].ToLowerInvariant();
        var value = line[(colon + 1)..].Trim(' ', '\t');
        if (name == SignatureName && chain is not null)
        {
            chain.VerifyTrailer(_canonical.ToString(), value);
            _signatureSeen = true;
            return false;
        }

        if (!announced.Contains(name) || !_values.TryAdd(name, value))
        {
            throw AwsChunkedErrors.MalformedTrailer();
        }

        _canonical.Append(name).Append(':').Append(value).Append('\n');
        return false;
    }

    private void Finish()
    {
        if (_values.Count != announced.Count)
        {
            throw AwsChunkedErrors.MalformedTrailer();
        }

        if (chain is not null && !_signatureSeen)
        {
            throw AwsChunkedErrors.MalformedTrailer();
        }
    }
}
