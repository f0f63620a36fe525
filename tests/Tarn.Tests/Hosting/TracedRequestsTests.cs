using Microsoft.AspNetCore.Http;
using Tarn.Server.Connections;
using Tarn.Server.Hosting;

namespace Tarn.Tests.Hosting;

/// <summary>Probes and scrapes have no span; requests for buckets of such names have.</summary>
public sealed class TracedRequestsTests
{
    [Theory]
    [InlineData("/metrics", true, false)]
    [InlineData("/health/live", true, false)]
    [InlineData("/probe", false, true)]
    [InlineData("/bucket/key", true, true)]
    public void What_is_a_probe_depends_on_the_listener(string path, bool onS3, bool onControl)
    {
        var traced = new TracedRequests("/probe");
        foreach ((ListenerRole role, bool isTraced) in new[] { (ListenerRole.S3, onS3), (ListenerRole.Accelerators, onS3), (ListenerRole.Control, onControl) })
        {
            var http = new DefaultHttpContext();
            http.Features.Set(role);
            http.Request.Method = "GET";
            http.Request.Path = path;
            Assert.Equal(isTraced, traced.Includes(http));
        }
    }
}
