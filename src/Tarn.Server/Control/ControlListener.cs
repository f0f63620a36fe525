namespace Tarn.Server.Control;

/// <summary>Refuses requests to the control address before they reach an endpoint.</summary>
internal static class ControlListener
{
    /// <summary>Refuses a request because too many others are in flight.</summary>
    public static Task RefuseBusyAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return Answers.WriteFailureAsync(context, StatusCodes.Status503ServiceUnavailable, "the server is busy; try again");
    }

    /// <summary>Refuses a request whose end is ambiguous, and closes its connection.</summary>
    public static Task RefuseFramingAsync(HttpContext context, string fault)
    {
        context.Response.Headers.Connection = "close";
        return Answers.WriteFailureAsync(context, StatusCodes.Status400BadRequest, fault);
    }
}
