using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tarn.Core.Consistency;

namespace Tarn.Server.Cli.Fsck;

/// <summary>
/// Prints what a check finds as soon as it is found, a line for each, and a summary at the end; or one JSON document with both. Nothing is kept, since a damaged store may have
/// millions of problems.
/// </summary>
internal sealed class FsckReport(TextWriter output, bool isJson, FsckProgress progress)
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private bool _isBegun;

    public void Advance(CheckProgress state) => progress.Show(state);

    public async ValueTask AddAsync(Finding finding)
    {
        progress.Clear();
        if (!isJson)
        {
            await output.WriteLineAsync(Line(finding));
            return;
        }

        await output.WriteLineAsync(_isBegun ? "," : "{\"problems\":[");
        _isBegun = true;
        await output.WriteAsync(Json(writer => Write(writer, finding)));
    }

    /// <param name="summary">What was counted.</param>
    /// <param name="notices">What was left out when the metadata was opened, sentence by sentence.</param>
    public ValueTask FinishAsync(CheckSummary summary, IReadOnlyList<string> notices) => FinishAsync(
        string.Concat(notices.Select(static notice => $"Metadata: {TerminalText.Of(notice)}\n")) +
        $"{Count(summary.Buckets, "bucket")}, {Count(summary.Objects, "object")} and versions of {Number(summary.ObjectBytes)} bytes, {Count(summary.Uploads, "upload")} in progress; "
        + $"{Count(summary.Blobs, "blob")} of {Number(summary.BlobBytes)} bytes, of which {Number(summary.VerifiedBlobs)} verified, {Number(summary.UnverifiableBlobs)} without a checksum, "
        + $"{Number(summary.ScheduledBlobs)} to be removed.\n"
        + (summary.SetAsideBlobs == 0 ? "" : $"{Count(summary.SetAsideBlobs, "blob")} of {Number(summary.SetAsideBytes)} bytes set aside, since nothing refers to them.\n")
        + (summary.IsIncomplete ? "Rows could not be read: what seems unreferenced may belong to them.\n" : "")
        + (summary.Problems == 0 ? "No problems." : $"{Count(summary.Problems, "problem")}."),
        [
            ("buckets", summary.Buckets), ("objects", summary.Objects), ("objectBytes", summary.ObjectBytes), ("uploads", summary.Uploads), ("blobs", summary.Blobs),
            ("blobBytes", summary.BlobBytes), ("verifiedBlobs", summary.VerifiedBlobs), ("unverifiableBlobs", summary.UnverifiableBlobs),
            ("scheduledBlobs", summary.ScheduledBlobs), ("setAsideBlobs", summary.SetAsideBlobs), ("setAsideBytes", summary.SetAsideBytes), ("problems", summary.Problems),
        ],
        writer =>
        {
            writer.WriteBoolean("incomplete", summary.IsIncomplete);
            writer.WriteStartArray("notices");
            foreach (string notice in notices)
            {
                writer.WriteStringValue(notice);
            }

            writer.WriteEndArray();
        });

    public ValueTask FinishAsync(RebuildSummary summary) => FinishAsync(
        $"{Count(summary.Objects, "object")} and versions of {Number(summary.Bytes)} bytes in {Count(summary.Buckets, "bucket")}, {Number(summary.ObjectsOfParts)} of them made of parts; "
        + $"{Count(summary.Copied, "blob")} copied, {Number(summary.Linked)} linked, {Number(summary.Unplaced)} not placed.",
        [
            ("buckets", summary.Buckets), ("objects", summary.Objects), ("objectBytes", summary.Bytes), ("objectsOfParts", summary.ObjectsOfParts),
            ("copied", summary.Copied), ("linked", summary.Linked), ("unplaced", summary.Unplaced),
        ]);

    private async ValueTask FinishAsync(string text, IReadOnlyList<(string Name, long Value)> counts, Action<Utf8JsonWriter>? others = null)
    {
        progress.Clear();
        if (!isJson)
        {
            await output.WriteLineAsync(text);
            return;
        }

        string summary = Json(writer =>
        {
            writer.WriteStartObject();
            foreach ((string name, long value) in counts)
            {
                writer.WriteNumber(name, value);
            }

            others?.Invoke(writer);
            writer.WriteEndObject();
        });
        await output.WriteLineAsync($"{(_isBegun ? "\n" : "{\"problems\":[")}],\n\"summary\":{summary}}}");
    }

    /// <summary>The kind, what is affected, and the sentence. Keys are printed so that they stay in the line.</summary>
    private static string Line(Finding finding)
    {
        var text = new StringBuilder(finding.Kind.Name());
        string what = finding.Bucket is null ? "" : finding.Key is null ? TerminalText.Of(finding.Bucket) : TerminalText.Of($"{finding.Bucket}/{finding.Key}");
        Append(what.Length > 0, $" {what}");
        Append(finding.Version is not null and not "null", $" version {finding.Version}");
        Append(finding.Upload is not null, $" upload {finding.Upload}");
        Append(finding.Part > 0, $" part {finding.Part}");
        Append(true, $": {TerminalText.Of(finding.Detail)}");
        Append(finding.Data is not null, $" [data {finding.Data}]");
        Append(finding.Row is not null, $" [row {finding.Row}]");
        return text.ToString();

        void Append(bool isThere, FormattableString part) => text.Append(isThere ? part.ToString(CultureInfo.InvariantCulture) : "");
    }

    private static void Write(Utf8JsonWriter writer, Finding finding)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", finding.Kind.Name());
        WriteText("bucket", finding.Bucket);
        WriteText("key", finding.Key);
        WriteText("versionId", finding.Version);
        WriteText("uploadId", finding.Upload);
        if (finding.Part > 0)
        {
            writer.WriteNumber("part", finding.Part);
        }

        WriteText("data", finding.Data);
        WriteText("row", finding.Row);
        writer.WriteString("detail", finding.Detail);
        writer.WriteEndObject();

        void WriteText(string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }
    }

    private static string Count(long count, string noun) => $"{Number(count)} {noun}{(count == 1 ? "" : "s")}";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Format))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
