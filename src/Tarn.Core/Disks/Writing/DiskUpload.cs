namespace Tarn.Core.Disks.Writing;

/// <summary>A resumable upload of one file.</summary>
/// <param name="Id">Its id: 32 hexadecimal digits.</param>
/// <param name="Path">The path of the file below the disk's root.</param>
/// <param name="Offset">How many bytes are durable: where the next ones go.</param>
/// <param name="Length">How long the file will be, in bytes; null: not known.</param>
/// <param name="Replaces">Whether it replaces a file that is there.</param>
/// <param name="Label">What the client noted, to recognize the upload; null: nothing.</param>
/// <param name="Created">To the second.</param>
public sealed record DiskUpload(string Id, string Path, long Offset, long? Length, bool Replaces, string? Label, DateTimeOffset Created)
{
    internal static DiskUpload Of(string id, UploadNote note) => new(
        id, System.Text.Encoding.UTF8.GetString(note.Path), note.Offset, note.Length, note.Replaces, note.Label, DateTimeOffset.FromUnixTimeMilliseconds(note.Created));
}
