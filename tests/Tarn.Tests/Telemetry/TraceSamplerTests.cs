using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Trace;
using Tarn.Server.Configuration;
using Tarn.Server.Telemetry;

namespace Tarn.Tests.Telemetry;

public sealed class TraceSamplerTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_more_requests_are_traced_in_a_second_than_the_limit_whatever_clients_ask_for(bool asks)
    {
        var sampler = new TraceSampler(new ParentBasedSampler(new AlwaysOnSampler()), 3, _time);
        ActivityContext parent = asks ? Remote(ActivityTraceFlags.Recorded) : default;
        Assert.Equal(3, Sampled(sampler, parent, 100));
        _time.Advance(TimeSpan.FromSeconds(0.34));
        Assert.Equal(1, Sampled(sampler, parent, 100));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, Sampled(sampler, parent, 100));
    }

    [Fact]
    public void What_is_inside_a_request_follows_it_and_does_not_count()
    {
        var sampler = new TraceSampler(new AlwaysOnSampler(), 1, _time);
        Assert.Equal(1, Sampled(sampler, default, 2));
        Assert.Equal(50, Sampled(sampler, Local(ActivityTraceFlags.Recorded), 50));
        Assert.Equal(0, Sampled(sampler, Local(ActivityTraceFlags.None), 50));
    }

    [Fact]
    public void What_the_configured_sampler_drops_does_not_count()
    {
        var sampler = new TraceSampler(new ParentBasedSampler(new AlwaysOnSampler()), 2, _time);
        Assert.Equal(0, Sampled(sampler, Remote(ActivityTraceFlags.None), 50));
        Assert.Equal(2, Sampled(sampler, default, 50));
    }

    [Theory]
    [InlineData(null, null, 10)]
    [InlineData("always_off", null, 0)]
    [InlineData("traceidratio", "0", 0)]
    [InlineData("parentbased_always_off", null, 0)]
    [InlineData("parentbased_traceidratio", "1", 10)]
    public void The_standard_variables_configure_it(string? name, string? argument, int sampled) =>
        Assert.Equal(sampled, Sampled(new TraceSampler(Settings(name, argument).Sampler(), 1000, _time), default, 10));

    [Theory]
    [InlineData("sometimes", null, "OTEL_TRACES_SAMPLER: must be always_on")]
    [InlineData("traceidratio", "2", "OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1")]
    [InlineData("traceidratio", "half", "OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1")]
    public void What_would_be_ignored_is_refused(string name, string? argument, string message) =>
        Assert.StartsWith(message, Assert.Throws<StartupException>(() => Settings(name, argument)).Message, StringComparison.Ordinal);

    private static OtlpSettings Settings(string? name, string? argument)
    {
        var variables = new Dictionary<string, string>();
        if (name is not null)
        {
            variables["OTEL_TRACES_SAMPLER"] = name;
        }

        if (argument is not null)
        {
            variables["OTEL_TRACES_SAMPLER_ARG"] = argument;
        }

        return OtlpSettings.From(variables);
    }

    private static int Sampled(TraceSampler sampler, ActivityContext parent, int tries) => Enumerable.Range(0, tries).Count(_ =>
        sampler.ShouldSample(new SamplingParameters(parent, ActivityTraceId.CreateRandom(), "request", ActivityKind.Server)).Decision == SamplingDecision.RecordAndSample);

    private static ActivityContext Remote(ActivityTraceFlags flags) => new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, isRemote: true);

    private static ActivityContext Local(ActivityTraceFlags flags) => new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags);
}
