using Microsoft.AspNetCore.Http.Features;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Connections;

/// <summary>Admits the requests of one listener within their budget, and marks their connections as busy meanwhile.</summary>
/// <param name="budget">The budget.</param>
/// <param name="busy">Answers requests that found no room.</param>
/// <param name="time">The clock.</param>
internal sealed class Admission(RequestBudget budget, RequestDelegate busy, TimeProvider time)
{
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        TrackedConnection connection = context.Features.GetRequiredFeature<TrackedConnection>();
        connection.BeginRequest();
        try
        {
            long cost = budget.CostOf(context);
            if (!budget.TryEnter(cost))
            {
                long began = time.GetTimestamp();
                bool isIn = await budget.WaitAsync(cost, context.RequestAborted);
                context.Features.Set(new AdmissionWait(time.GetElapsedTime(began)));
                if (!isIn)
                {
                    await busy(context);
                    return;
                }
            }

            try
            {
                await next(context);
            }
            finally
            {
                budget.Leave(cost);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client disconnected while its request waited.
        }
        finally
        {
            connection.EndRequest();
        }
    }
}
