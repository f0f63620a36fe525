using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.Endpoints;

namespace Tarn.Server.Cli.Disks;

/// <summary>
/// Sends a file to a disk: a small one in one request, a large one as an upload in pieces, each with its SHA-256. An upload of the same file that was
/// interrupted is found again by its label, and goes on.
/// </summary>
internal sealed class DiskFileUpload(ControlClient client, string disk, string path, bool replaces, TerminalLine line)
{
    /// <summary>Bytes of a piece, all of which are sent again when it is interrupted.</summary>
    private const int Piece = 8 << 20;

    private const string MediaType = "application/octet-stream";

    /// <summary>How long a piece may take: even a slow line sends it in less.</summary>
    private static readonly TimeSpan PiecePatience = TimeSpan.FromMinutes(30);

    /// <summary>How long the server may take to compare the hash of a large file.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromHours(6);

    /// <summary>Sends it, and returns what the server says of it.</summary>
    /// <exception cref="CliException">The server refuses it or cannot be reached, or the file changes meanwhile.</exception>
    public async Task<JsonElement> SendAsync(FileStream file, CancellationToken cancellationToken)
    {
        long length = file.Length;
        if (length <= Piece)
        {
            byte[] whole = new byte[length];
            await ReadAsync(file, whole, cancellationToken);
            return await client.SendAsync(
                HttpMethod.Put,
                ControlClient.Query(ControlClient.Path("api", "disks", disk, "files"), ("path", path), ("replace", replaces ? "true" : null)),
                whole, MediaType, PiecePatience, cancellationToken);
        }

        string label = string.Create(CultureInfo.InvariantCulture, $"tarn disk put: {length} bytes, {File.GetLastWriteTimeUtc(file.SafeFileHandle):O}");
        (string id, long offset) = await FindAsync(label, length, cancellationToken) ?? await BeginAsync(label, length, cancellationToken);
        string upload = ControlClient.Path("api", "disks", disk, "uploads", id);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[Piece];
        for (long at = 0; at < length;)
        {
            byte[] piece = at + Piece <= length ? buffer : new byte[length - at];
            if (at < offset && offset < at + piece.Length)
            {
                // The upload goes on in the middle of a piece.
                piece = new byte[offset - at];
            }

            await ReadAsync(file, piece, cancellationToken);
            hash.AppendData(piece);
            if (at >= offset)
            {
                string target = ControlClient.Query(upload, ("offset", at.ToString(CultureInfo.InvariantCulture)));
                await client.SendAsync(HttpMethod.Put, target, piece, MediaType, PiecePatience, cancellationToken);
            }

            at += piece.Length;
            line.Show(() => TerminalLine.Part(at, length, HumanBytes.Of));
        }

        if (file.Length != length)
        {
            throw new CliException($"{file.Name} changed while it was sent");
        }

        byte[] last = JsonSerializer.SerializeToUtf8Bytes(
            new UploadCompletionBody { Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()) }, ControlJson.Default.UploadCompletionBody);
        return await client.SendAsync(HttpMethod.Post, upload + "/complete", last, "application/json", LastPatience, cancellationToken);
    }

    /// <summary>The upload of this file that was interrupted; null if there is none.</summary>
    private async Task<(string Id, long Offset)?> FindAsync(string label, long length, CancellationToken cancellationToken)
    {
        foreach (JsonElement upload in await client.ListAsync(ControlClient.Path("api", "disks", disk, "uploads"), "uploads", cancellationToken))
        {
            if (upload.TryGetProperty("label", out JsonElement noted) && noted.GetString() == label
                && upload.GetProperty("path").GetString() == path
                && upload.GetProperty("replace").GetBoolean() == replaces
                && upload.TryGetProperty("length", out JsonElement whole) && whole.GetInt64() == length)
            {
                return (upload.GetProperty("uploadId").GetString()!, upload.GetProperty("offset").GetInt64());
            }
        }

        return null;
    }

    private async Task<(string Id, long Offset)> BeginAsync(string label, long length, CancellationToken cancellationToken)
    {
        JsonElement made = await client.SendAsync(
            HttpMethod.Post,
            ControlClient.Path("api", "disks", disk, "uploads"),
            new DiskUploadBody { Path = path, Replace = replaces, Length = length, Label = label },
            ControlJson.Default.DiskUploadBody,
            cancellationToken);
        return (made.GetProperty("uploadId").GetString()!, 0);
    }

    private static async Task ReadAsync(FileStream file, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            await file.ReadExactlyAsync(buffer, cancellationToken);
        }
        catch (IOException e)
        {
            throw new CliException($"cannot read {file.Name}: {e.Message}", e);
        }
    }
}
