using System.Buffers;
using System.Text;
using Tarn.Core.Objects.Writing;

namespace Tarn.Tests.Forms;

/// <summary>A body that arrives in runs of chosen lengths; each run is overwritten once the next one is read.</summary>
internal sealed class FormBody(byte[] bytes, Func<int, int> runLength) : IUploadBody
{
    private int _at;
    private byte[] _run = [];

    public long? Length => bytes.Length;

    public IReadOnlyDictionary<string, string> Trailers { get; } = new Dictionary<string, string>();

    public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        Array.Fill(_run, (byte)'?');
        int length = Math.Min(Math.Max(1, runLength(_at)), bytes.Length - _at);
        _run = bytes[_at..(_at + length)];
        _at += length;
        return ValueTask.FromResult(new ReadOnlySequence<byte>(_run));
    }

    public static FormBody Whole(byte[] bytes) => new(bytes, _ => int.MaxValue);

    /// <summary>A form as a browser sends it.</summary>
    public static byte[] Encode(string boundary, IEnumerable<(string Name, string Value)> fields, byte[]? file, string? fileName = "f.txt", string after = "")
    {
        var form = new List<byte>();
        foreach ((string name, string value) in fields)
        {
            form.AddRange(Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        }

        if (file is not null)
        {
            string named = fileName is null ? "" : $"; filename=\"{fileName}\"";
            form.AddRange(Encoding.UTF8.GetBytes(
                $"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"{named}\r\nContent-Type: application/octet-stream\r\n\r\n"));
            form.AddRange(file);
            form.AddRange("\r\n"u8);
        }

        form.AddRange(Encoding.UTF8.GetBytes($"{after}--{boundary}--\r\n"));
        return [.. form];
    }
}
