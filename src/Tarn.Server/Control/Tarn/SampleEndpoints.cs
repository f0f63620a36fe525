using System.Globalization;
using Tarn.Core.Buckets;
using Tarn.Core.Samples;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/buckets/{bucket}/samples</c>.</summary>
internal sealed class SampleEndpoints(VisibleBuckets visible, SampleReader samples, TimeProvider clock)
{
    public void Map(RouteGroupBuilder api) => api.MapGet("/api/buckets/{bucket}/samples", ListAsync).WithTags("Buckets").WithName("ListSamples").ForThoseWhoMayList().WithPaging().Refuses(404)
        .WithQuery("step", "hour (kept for 90 days) or day (kept for three years); by default hour.")
        .WithQuery("from", "The first hour or day, as 2026-11-29T12:00:00Z; by default 24 hours or 31 days before the last.")
        .WithQuery("to", "The last hour or day; by default the present one, of which there is a sample only where a server was stopped in it, or, of a day, once an hour of it is over.");

    /// <summary>Lists what a bucket held at the end of each hour or day, and what requests did to it in that time.</summary>
    /// <remarks>An hour or day without a sample is one in which no server sampled, which is not a sample of 0. Days of UTC.</remarks>
    /// <param name="bucket">Its name.</param>
    public async Task<Data<SampleList>> ListAsync(ControlRequest request, string bucket)
    {
        SampleStep step = request.Query("step") switch
        {
            null or "hour" => SampleStep.Hour,
            "day" => SampleStep.Day,
            _ => throw ControlRefusalException.BadRequest("step must be hour or day"),
        };
        int limit = request.Limit();
        uint to = Number(request, "to", step) ?? step.NumberOf(clock.GetUtcNow());
        uint from = Number(request, "from", step) ?? (to > Default(step) ? to - Default(step) : 0);
        if (from > to)
        {
            throw ControlRefusalException.BadRequest("from must not be after to");
        }

        if (request.Cursor() is { } cursor)
        {
            from = Math.Max(from, Parse("cursor", cursor, step));
        }

        Bucket found = await visible.GetAsync(request, bucket);
        IReadOnlyList<(uint Number, BucketSample Sample)> page = await samples.ReadAsync(found.Id, step, from, to, limit + 1, request.CancellationToken);
        SampleView[] shown = [.. page.Take(limit).Select(at => SampleView.Of(step.StartOf(at.Number), at.Sample))];
        return new(new SampleList(shown, step.Seconds, page.Count > limit ? step.StartOf(page[limit].Number).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : null));
    }

    private static uint Default(SampleStep step) => step == SampleStep.Hour ? 24u : 31u;

    private static uint? Number(ControlRequest request, string name, SampleStep step) => request.Query(name) is { } text ? Parse(name, text, step) : null;

    private static uint Parse(string name, string text, SampleStep step) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) && time >= DateTimeOffset.UnixEpoch
            ? step.NumberOf(time)
            : throw ControlRefusalException.BadRequest($"{name} must be a time such as 2026-11-29T12:00:00Z");
}
