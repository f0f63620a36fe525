using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.S3.Telemetry;
using Tarn.Server.Requests;

namespace Tarn.Tests.Requests;

/// <summary>Whose requests count as a use of an access key.</summary>
public sealed class AccessKeySightingsTests
{
    private static readonly Principal User = new(new('a', 64), "a", "KEY") { OrganizationId = "a", UserName = "u", UserId = "u" };

    /// <summary>Temporary keys are gone soon: those of a workload would take the places of others until then.</summary>
    [Fact]
    public async Task Only_permanent_keys_are_noted()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        var uses = new AccessKeyUses(new MemoryKeyValueStore(), new FakeTimeProvider());
        var sightings = new AccessKeySightings(uses);
        foreach (Principal? other in (Principal?[])
        [
            null,
            User with { HoldsToken = true },
            User with { Session = new SessionGrant() },
            User with { UserName = null, Role = "r", SessionName = "s", Session = new SessionGrant() },

            // As it is known when its credentials have just been issued.
            User with { UserName = null, Role = "https://idp.example:s" },
        ])
        {
            sightings.Add(Request(other));
        }

        Assert.Equal(0, uses.Pending);
        sightings.Add(Request(User with { KeyPolicy = new KeyPolicy("{}") }));
        Assert.Equal(1, uses.Pending);
        Assert.NotNull((await uses.FindAsync([new AccessKey { Id = "KEY", Organization = "acme", Created = DateTimeOffset.UnixEpoch }], token))[0]);
    }

    private static FinishedRequest Request(Principal? principal) =>
        new() { RequestId = "r", Started = DateTimeOffset.UnixEpoch, Method = "GET", Status = 200, Total = default, Principal = principal };
}
