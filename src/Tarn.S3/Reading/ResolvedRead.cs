using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Acceleration;
using Tarn.Core.Objects;
using Tarn.S3.Requests;

namespace Tarn.S3.Reading;

/// <summary>Answers an accelerator with where the bytes of an object are, in the place of the bytes. docs/design/accelerator.md</summary>
internal sealed class ResolvedRead(ReadPlanner planner)
{
    /// <summary>Whether the answer to a request may be a plan of an object.</summary>
    public static bool Wants(S3Context context, StoredObject found) => context.Request.Accelerator is { IsResolve: true } && ReadPlanner.CanPlan(found);

    /// <summary>Sends the plan of a range; false when the range is to be answered as it is without an accelerator. Status and headers must be those of the range.</summary>
    public async ValueTask<bool> TrySendAsync(S3Context context, StoredObject found, long offset, long length)
    {
        if (length == 0 || await planner.PlanAsync(found, offset, length, context.Request.Accelerator!.Zone, context.CancellationToken) is not { } plan)
        {
            return false;
        }

        byte[] body = (plan with { Owner = context.RequiredBucket.OwnerId }).Encode();
        HttpResponse response = context.Response;
        response.Headers[AcceleratorHeaders.Plan] = plan.Version.ToString(CultureInfo.InvariantCulture);
        response.Headers[AcceleratorHeaders.Length] = length.ToString(CultureInfo.InvariantCulture);
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, context.CancellationToken);
        context.Answer.Add(body.Length);

        // What continues the plan is not a request of the client's: this one answers for all of it.
        context.Answer.Planned = length;
        return true;
    }

    /// <summary>Adds to the answer to a HEAD how the object is planned from its first byte on.</summary>
    public async ValueTask DescribeAsync(S3Context context, StoredObject found)
    {
        if (Wants(context, found) && await planner.BeginAsync(found, context.Request.Accelerator!.Zone, context.CancellationToken) is { } continuation)
        {
            context.Response.Headers[AcceleratorHeaders.Continuation] = continuation;
        }
    }
}
