package org.tidbbinlog.node.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.node.process.DaemonThread;

/**
 * The HTTP/1.1 half of a port. Handlers run on at most {@link #THREADS} threads with at most {@link
 * #WAITING} requests waiting; more are answered 503. Requests of one connection run one by one.
 */
final class HttpSide implements AutoCloseable {
  static final int THREADS = 4;
  static final int WAITING = 256;

  /** Requests a client may send ahead on one connection. */
  private static final int PIPELINED = 64;

  private static final Logger LOG = LoggerFactory.getLogger(HttpSide.class);

  private final HttpRoutes routes;
  private final ThreadPoolExecutor workers;

  HttpSide(String name, HttpRoutes routes) {
    this.routes = routes;
    this.workers =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            DaemonThread.ofPool(name + "-http"));
    workers.allowCoreThreadTimeOut(true);
  }

  /** Puts the HTTP handlers behind {@code ctx}. */
  void install(ChannelHandlerContext ctx) {
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.addLast(new HttpServerCodec());
    pipeline.addLast(new HttpObjectAggregator(PortServer.MAX_HTTP_BODY_BYTES));
    pipeline.addLast(new Connection());
  }

  @Override
  public void close() {
    workers.shutdown();
  }

  /** One HTTP connection; all fields belong to its network thread. */
  private final class Connection extends ChannelDuplexHandler {
    private final ArrayDeque<FullHttpRequest> waiting = new ArrayDeque<>();
    private boolean busy;
    private @Nullable ChannelPromise closing;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      FullHttpRequest request = (FullHttpRequest) message;
      if (waiting.size() >= PIPELINED || closing != null) {
        request.release();
        var unused = ctx.close();
        return;
      }
      waiting.add(request);
      maybeNext(ctx);
    }

    private void maybeNext(ChannelHandlerContext ctx) {
      FullHttpRequest request = busy ? null : waiting.poll();
      if (request == null) {
        return;
      }
      busy = true;
      boolean keepAlive = HttpUtil.isKeepAlive(request);
      String method = request.method().name();
      String uri = request.uri();
      byte[] body = new byte[request.content().readableBytes()];
      request.content().readBytes(body);
      boolean malformed = request.decoderResult().isFailure();
      request.release();
      if (malformed) {
        reply(ctx, HttpReply.text(400, "400 Bad Request"), Persistence.CLOSE, method);
        return;
      }
      String remote = remote(ctx.channel().remoteAddress());
      Persistence after = keepAlive ? Persistence.KEEP : Persistence.CLOSE;
      try {
        workers.execute(
            () -> {
              HttpReply answer = routes.answer(method, uri, body, remote);
              ctx.executor().execute(() -> reply(ctx, answer, after, method));
            });
      } catch (RejectedExecutionException e) {
        reply(ctx, HttpReply.text(503, "too many requests\n"), Persistence.CLOSE, method);
      }
    }

    private static String remote(@Nullable SocketAddress address) {
      return address instanceof InetSocketAddress inet && inet.getAddress() != null
          ? inet.getAddress().getHostAddress()
          : "";
    }

    private void reply(
        ChannelHandlerContext ctx, HttpReply answer, Persistence after, String method) {
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.valueOf(answer.status()),
              method.equals("HEAD")
                  ? Unpooled.EMPTY_BUFFER
                  : Unpooled.wrappedBuffer(answer.body()));
      if (!answer.contentType().isEmpty()) {
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
      }
      response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
      boolean last = after == Persistence.CLOSE || closing != null;
      if (last) {
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      }
      var written = ctx.writeAndFlush(response);
      busy = false;
      if (last) {
        ChannelPromise promise = closing == null ? ctx.newPromise() : closing;
        written.addListener((ChannelFutureListener) done -> finish(ctx, promise));
      } else {
        maybeNext(ctx);
      }
    }

    /** A port that shuts down closes its connections: not before the reply under way is out. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
      if (busy) {
        closing = promise;
      } else {
        finish(ctx, promise);
      }
    }

    private static void finish(ChannelHandlerContext ctx, ChannelPromise promise) {
      var unused = ctx.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      waiting.forEach(FullHttpRequest::release);
      waiting.clear();
      ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.atDebug().addKeyValue("error", cause).log("http connection failed");
      busy = false;
      var unused = ctx.close();
    }
  }

  private enum Persistence {
    KEEP,
    CLOSE
  }
}
