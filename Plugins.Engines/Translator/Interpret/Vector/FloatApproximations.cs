using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>
/// RCPPS, RSQRTPS and their scalar forms: approximations that every processor family makes from tables of its own, that MXCSR does not influence and
/// that raise nothing (SDM volume 2, RCPPS). The host's are as good as any.
/// </summary>
internal static unsafe class FloatApproximations
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Rcpps_xmm_xmmm128, &XmmHandlers.Binary<Reciprocals>);
        table.Set(Code.Rsqrtps_xmm_xmmm128, &XmmHandlers.Binary<ReciprocalRoots>);
        table.Set(Code.Rcpss_xmm_xmmm32, &XmmHandlers.Part<Reciprocal, uint>);
        table.Set(Code.Rsqrtss_xmm_xmmm32, &XmmHandlers.Part<ReciprocalRoot, uint>);
    }

    private readonly struct Reciprocals : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source) => Sse.Reciprocal(source.AsSingle()).AsByte();
    }

    private readonly struct ReciprocalRoots : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source) => Sse.ReciprocalSqrt(source.AsSingle()).AsByte();
    }

    private readonly struct Reciprocal : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse.MoveScalar(destination.AsSingle(), Sse.Reciprocal(source.AsSingle())).AsByte();
    }

    private readonly struct ReciprocalRoot : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Sse.MoveScalar(destination.AsSingle(), Sse.ReciprocalSqrt(source.AsSingle())).AsByte();
    }
}
