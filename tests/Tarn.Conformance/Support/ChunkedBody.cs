using System.Text;
using Tarn.TestKit.Http;
using Tarn.TestKit.Signing;

namespace Tarn.Conformance.Support;

/// <summary>
/// An aws-chunked upload, signed or not, with or without a trailer.
/// Source: Amazon S3 API Reference, "Signature calculations: transferring payload in multiple chunks" and "…including trailing headers".
/// </summary>
public sealed class ChunkedBody
{
    public const string Signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    public const string SignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    public const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    public required string Mode { get; init; }

    public required byte[] Data { get; init; }

    public int ChunkSize { get; init; } = 64 * 1024;

    public IReadOnlyList<(string Name, string Value)> Trailers { get; init; } = [];

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The value of x-amz-decoded-content-length; the true length unless set, left out when empty.</summary>
    public string? DecodedLength { get; init; }

    /// <summary>The content encoding header sent.</summary>
    public string ContentEncoding { get; init; } = "aws-chunked";

    /// <summary>Replaces the signature of the chunk of that index (trailer: -1).</summary>
    public Func<int, string, string> Tamper { get; init; } = (_, signature) => signature;

    /// <summary>Changes the framed body before it is sent.</summary>
    public Func<byte[], byte[]> Mangle { get; init; } = framed => framed;

    public async Task<RawResponse> SendAsync(RawClient client, string target)
    {
        TimedSigner signer = client.Signer();
        List<(string Name, string Value)> headers = [("Content-Encoding", ContentEncoding), .. Headers];
        string decoded = DecodedLength ?? $"{Data.Length}";
        if (decoded.Length > 0)
        {
            headers.Add(("x-amz-decoded-content-length", decoded));
        }

        if (Trailers.Count > 0)
        {
            headers.Add(("x-amz-trailer", string.Join(',', Trailers.Select(t => t.Name))));
        }

        // The frame's length does not depend on the signatures in it, so the head can be signed first.
        (_, string seed) = client.Head("PUT", target, headers, null, Mode, signer: signer);
        byte[] framed = Mangle(Frame(signer, seed));
        (string head, _) = client.Head("PUT", target, headers, framed, Mode, signer: signer);
        return await client.ExchangeAsync("PUT", head, framed);
    }

    private byte[] Frame(TimedSigner signer, string signature)
    {
        var framed = new MemoryStream();
        void Text(string text) => framed.Write(Encoding.UTF8.GetBytes(text));
        bool signed = Mode != UnsignedTrailer;
        int index = 0;
        for (int at = 0; ; at += ChunkSize, index++)
        {
            byte[] chunk = at >= Data.Length ? [] : Data[at..Math.Min(Data.Length, at + ChunkSize)];
            Text($"{chunk.Length:x}");
            if (signed)
            {
                signature = signer.SignChunk(signature, chunk);
                Text($";chunk-signature={Tamper(index, signature)}");
            }

            Text("\r\n");
            framed.Write(chunk);
            if (chunk.Length > 0)
            {
                Text("\r\n");
                continue;
            }

            foreach ((string name, string value) in Trailers)
            {
                Text($"{name}:{value}\r\n");
            }

            if (Mode == SignedTrailer)
            {
                string lines = string.Concat(Trailers.Select(t => $"{t.Name}:{t.Value}\n"));
                Text($"x-amz-trailer-signature:{Tamper(-1, signer.SignTrailer(signature, lines))}\r\n");
            }

            Text("\r\n");
            return framed.ToArray();
        }
    }
}
